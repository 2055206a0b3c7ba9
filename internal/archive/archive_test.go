package archive_test

import (
	"archive/tar"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"pr-stack/internal/archive"
	"pr-stack/internal/ecr"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
)

// account returns an account with a repository called hello, and a Push with a valid login to it.
func account(t *testing.T) (*fakeaws.AWS, archive.Push) {
	t.Helper()
	a := fakeaws.New(fakeaws.Options{})
	r := ecr.Repository{API: awsecr.NewFromConfig(a.Config()), Name: "hello"}
	if _, err := r.API.CreateRepository(t.Context(), &awsecr.CreateRepositoryInput{RepositoryName: &r.Name}); err != nil {
		t.Fatal(err)
	}
	login, err := r.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return a, archive.Push{
		Tag:       a.RegistryHost() + "/hello:pr-7-0123456789ab",
		Username:  login.Username,
		Password:  login.Password,
		Transport: a,
	}
}

// save writes an archive of images with these names, as docker save does. It returns the last image.
func save(t *testing.T, names ...string) (path string, last v1.Image) {
	t.Helper()
	images := map[name.Reference]v1.Image{}
	for _, n := range names {
		image, err := random.Image(4096, 3)
		if err != nil {
			t.Fatal(err)
		}
		reference, err := name.ParseReference(n)
		if err != nil {
			t.Fatal(err)
		}
		images[reference] = image
		last = image
	}
	path = filepath.Join(t.TempDir(), "image.tar")
	if err := tarball.MultiRefWriteToFile(path, images); err != nil {
		t.Fatal(err)
	}
	return path, last
}

func TestPush(t *testing.T) {
	a, push := account(t)
	path, want := save(t, "any/name:tag")
	digest, err := push.Push(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.PullImage(push.Tag)
	if err != nil {
		t.Fatal(err)
	}
	held, err := got.Digest()
	if err != nil || held.String() != digest {
		t.Errorf("Push = %s, and the registry has %s, %v", digest, held, err)
	}
	// The registry's image has the same content as the archive's, but a new manifest.
	wantConfig, err := want.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	if gotConfig, err := got.ConfigName(); err != nil || gotConfig != wantConfig {
		t.Errorf("the registry has the image with the configuration %s, %v, want %s", gotConfig,
			err, wantConfig)
	}
}

func TestPush_rejects_an_invalid_archive(t *testing.T) {
	_, push := account(t)
	two, _ := save(t, "one:1", "two:2")
	garbage := filepath.Join(t.TempDir(), "garbage.tar")
	if err := os.WriteFile(garbage, []byte("not a tar"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty.tar")
	f, err := os.Create(empty)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tar.NewWriter(f).Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	whole, _ := save(t, "one:1")
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	truncated := filepath.Join(t.TempDir(), "truncated.tar")
	if err := os.WriteFile(truncated, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		two:       "read image archive image.tar: it holds 2 images",
		garbage:   "read image archive garbage.tar: ",
		empty:     "read image archive empty.tar: ",
		truncated: "read image archive truncated.tar: ",
	} {
		_, err := push.Push(t.Context(), path)
		if err == nil || !strings.HasPrefix(err.Error(), want) || !hintsAtDockerSave(err) {
			t.Errorf("Push(%s) = %v, want %q and a hint", filepath.Base(path), err, want)
		}
	}
}

// hintsAtDockerSave reports whether the error says how to write a valid archive.
func hintsAtDockerSave(err error) bool {
	return strings.Contains(strings.Join(hint.Of(err), ""), "docker save")
}

func TestPush_is_refused_without_a_valid_login(t *testing.T) {
	_, push := account(t)
	path, _ := save(t, "one:1")
	push.Password = "wrong"
	if _, err := push.Push(t.Context(), path); err == nil || !strings.HasPrefix(err.Error(), "push "+push.Tag+": ") {
		t.Errorf("Push with a wrong password = %v", err)
	}
}

// The author of the archive is not trusted: a few bytes that claim to be terabytes must not be
// expanded into terabytes of memory.
func TestPush_rejects_an_archive_that_claims_more_than_its_size(t *testing.T) {
	_, push := account(t)
	path := filepath.Join(t.TempDir(), "sparse.tar")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(sparse("manifest.json", 1<<40))
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = push.Push(t.Context(), path)
	if err == nil || !strings.HasPrefix(err.Error(), "read image archive sparse.tar: its files are larger than the archive itself") {
		t.Errorf("Push = %v, want it rejected", err)
	}
}

// sparse returns a tar archive with one file that consists of size zero bytes. As GNU tar does for
// sparse files, it writes none of these bytes.
// https://www.gnu.org/software/tar/manual/html_node/Standard.html
func sparse(name string, size int64) []byte {
	header := make([]byte, 3*512) // the header, and the two blocks that end an archive
	number := func(at int, n int64) {
		header[at] = 0x80
		binary.BigEndian.PutUint64(header[at+4:], uint64(n))
	}
	copy(header, name)
	copy(header[100:], "0000600\x000000000\x000000000\x0000000000000\x0000000000000\x00")
	header[156] = 'S'
	copy(header[257:], "ustar  \x00")
	number(386, size) // the offset of its only piece, which is empty
	number(398, 0)
	number(483, size)
	copy(header[148:], "        ")
	sum := 0
	for _, b := range header[:512] {
		sum += int(b)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
	return header
}

// stuck never answers.
type stuck struct{}

func (stuck) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestPush_ends_with_its_context(t *testing.T) {
	_, push := account(t)
	push.Transport = stuck{}
	path, _ := save(t, "one:1")
	cause := errors.New("interrupt signal received")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, err := push.Push(ctx, path); !errors.Is(err, cause) {
		t.Errorf("Push = %v, want %v", err, cause)
	}
}

// The archive opens, because its configuration and manifest are there. The missing layer is noticed
// when the layers are read.
func TestPush_rejects_an_archive_without_one_of_its_layers(t *testing.T) {
	_, push := account(t)
	whole, image := save(t, "one:1")
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := layers[1].Digest()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "incomplete.tar")
	from, err := os.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	omitted, out := 0, tar.NewWriter(to)
	for in := tar.NewReader(from); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(header.Name, digest.Hex) {
			omitted++
			continue
		}
		if err := out.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(out, in); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Close(), to.Close()); err != nil || omitted != 1 {
		t.Fatalf("%d layers omitted, %v", omitted, err)
	}
	_, err = push.Push(t.Context(), path)
	if err == nil || !strings.HasPrefix(err.Error(), "read image archive incomplete.tar: ") || !hintsAtDockerSave(err) {
		t.Errorf("Push = %v, want a hint at how to write the archive", err)
	}
}
