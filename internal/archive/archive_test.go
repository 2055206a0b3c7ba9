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
)

// account is one with a repository called hello, and a push to it that lacks nothing.
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
	return a, archive.Push{Tag: a.RegistryHost() + "/hello:pr-7-0123456789ab", Username: login.Username, Password: login.Password, Transport: a}
}

// save writes images as docker save does, by their names.
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
	path, want := save(t, "whatever/it-is:called")
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
	// The same content; the manifest is written anew.
	wantConfig, err := want.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	if gotConfig, err := got.ConfigName(); err != nil || gotConfig != wantConfig {
		t.Errorf("the registry has the image with the configuration %s, %v, want %s", gotConfig, err, wantConfig)
	}
}

func TestPush_what_is_no_archive(t *testing.T) {
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
	cut := filepath.Join(t.TempDir(), "cut.tar")
	if err := os.WriteFile(cut, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		two:     "read image archive image.tar: it holds 2 images",
		garbage: "read image archive garbage.tar: ",
		empty:   "read image archive empty.tar: ",
		cut:     "read image archive cut.tar: ",
	} {
		_, err := push.Push(t.Context(), path)
		var hinted interface{ Hint() string }
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), "docker save") {
			t.Errorf("Push(%s) = %v, want %q and a hint", filepath.Base(path), err, want)
		}
	}
}

func TestPush_that_is_refused(t *testing.T) {
	_, push := account(t)
	path, _ := save(t, "one:1")
	push.Password = "wrong"
	if _, err := push.Push(t.Context(), path); err == nil || !strings.HasPrefix(err.Error(), "push "+push.Tag+": ") {
		t.Errorf("Push with a wrong password = %v", err)
	}
}

// Whoever made the archive is a stranger. Its few bytes are not taken for the terabytes that they say they are.
func TestPush_what_claims_to_hold_more_than_it_does(t *testing.T) {
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
	if _, err := push.Push(t.Context(), path); err == nil || !strings.HasPrefix(err.Error(), "read image archive sparse.tar: it claims to hold more than it does") {
		t.Errorf("Push = %v, want it refused", err)
	}
}

// sparse is a tar with one file of so many zeros, as GNU tar writes it: without any.
// https://www.gnu.org/software/tar/manual/html_node/Standard.html
func sparse(name string, size int64) []byte {
	header := make([]byte, 3*512) // and the two blocks that end an archive
	number := func(at int, n int64) {
		header[at] = 0x80
		binary.BigEndian.PutUint64(header[at+4:], uint64(n))
	}
	copy(header, name)
	copy(header[100:], "0000600\x000000000\x000000000\x0000000000000\x0000000000000\x00")
	header[156] = 'S'
	copy(header[257:], "ustar  \x00")
	number(386, size) // where its one piece begins, which is empty
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

// Its configuration and manifest are there, so that it opens; that a layer is missing shows as the layers are read.
func TestPush_what_lacks_a_layer(t *testing.T) {
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
	path := filepath.Join(t.TempDir(), "lacking.tar")
	from, err := os.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	left, out := 0, tar.NewWriter(to)
	for in := tar.NewReader(from); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(header.Name, digest.Hex) {
			left++
			continue
		}
		if err := out.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(out, in); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Close(), to.Close()); err != nil || left != 1 {
		t.Fatalf("%d layers left out, %v", left, err)
	}
	_, err = push.Push(t.Context(), path)
	var hinted interface{ Hint() string }
	if err == nil || !strings.HasPrefix(err.Error(), "read image archive lacking.tar: ") || !errors.As(err, &hinted) {
		t.Errorf("Push = %v, want a hint at what is wrong with the archive", err)
	}
}
