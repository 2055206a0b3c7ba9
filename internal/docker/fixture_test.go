package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	engine "github.com/moby/moby/client"
)

// connectForTest returns the machine's daemon. If there is none, the test is skipped, or fails if
// PR_STACK_REQUIRE_DOCKER is 1.
func connectForTest(t *testing.T) *Daemon {
	t.Helper()
	d, err := Connect(t.Context(), os.Getenv("DOCKER_HOST"))
	if err != nil && os.Getenv("PR_STACK_REQUIRE_DOCKER") == "1" {
		t.Fatalf("PR_STACK_REQUIRE_DOCKER is 1, but %v", err)
	}
	if err != nil {
		t.Skipf("needs a Docker daemon: %v", err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// testRegistry is a registry on loopback that requires a password.
type testRegistry struct {
	host        string
	credentials Credentials
}

func newRegistry(t *testing.T) testRegistry {
	t.Helper()
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "sesame-sesame" {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		images.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	host := server.Listener.Addr().String()
	return testRegistry{host: host, credentials: Credentials{Host: host, Username: "AWS", Password: "sesame-sesame"}}
}

func (r testRegistry) login(context.Context) (Credentials, error) { return r.credentials, nil }

// tag returns a reference in the registry. When the test ends, the daemon's image with it is removed.
func (r testRegistry) tag(t *testing.T, d *Daemon) string {
	t.Helper()
	ref := fmt.Sprintf("%s/%s:t1", r.host, strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-")))
	removeAfter(t, d, ref)
	return ref
}

func (r testRegistry) image(t *testing.T, ref string) v1.Image {
	t.Helper()
	parsed, err := name.ParseReference(ref, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	image, err := remote.Image(parsed, remote.WithAuth(&authn.Basic{Username: "AWS", Password: "sesame-sesame"}))
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// files returns the files in the image's layers by their paths.
func files(t *testing.T, image v1.Image) map[string]string {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, layer := range layers {
		content, err := layer.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		for archive := tar.NewReader(content); ; {
			header, err := archive.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if header.Typeflag == tar.TypeReg {
				text, _ := io.ReadAll(archive)
				found[header.Name] = string(text)
			}
		}
		_ = content.Close()
	}
	return found
}

// redactor returns a Redact that replaces these secrets.
func redactor(secrets ...string) func(string) string {
	var pairs []string
	for _, secret := range secrets {
		pairs = append(pairs, secret, "***")
	}
	return strings.NewReplacer(pairs...).Replace
}

// folder returns a build context with these files: path, text, path, text …
func folder(t *testing.T, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		path := filepath.Join(dir, pairs[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(pairs[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// shell imports the machine's static busybox as a base image with a shell, because tests cannot pull
// one without a network. It returns the reference.
func shell(t *testing.T, d *Daemon) string {
	t.Helper()
	path, err := exec.LookPath("busybox")
	if err != nil {
		if os.Getenv("PR_STACK_REQUIRE_DOCKER") == "1" {
			t.Fatalf("PR_STACK_REQUIRE_DOCKER is 1, but there is no busybox (Debian: busybox-static)")
		}
		t.Skip("needs a static busybox in PATH (Debian: busybox-static)")
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, h := range []*tar.Header{
		{Name: "bin/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o777},
		{Name: "bin/busybox", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(binary))},
		{Name: "bin/sh", Typeflag: tar.TypeSymlink, Linkname: "busybox"},
		{Name: "bin/sleep", Typeflag: tar.TypeSymlink, Linkname: "busybox"},
		{Name: "bin/cat", Typeflag: tar.TypeSymlink, Linkname: "busybox"},
	} {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			_, _ = w.Write(binary)
		}
	}
	_ = w.Close()

	ref := "pr-stack.test/shell:" + strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-"))
	source := engine.ImageImportSource{Source: &archive, SourceName: "-"}
	response, err := d.engine.ImageImport(t.Context(), source, ref, engine.ImageImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response)
	_ = response.Close()
	removeAfter(t, d, ref)
	return ref
}

func removeAfter(t *testing.T, d *Daemon, ref string) {
	t.Cleanup(func() {
		_, err := d.engine.ImageRemove(context.WithoutCancel(t.Context()), ref, engine.ImageRemoveOptions{})
		if err != nil && !strings.Contains(err.Error(), "No such image") {
			t.Errorf("remove image %s: %v", ref, err)
		}
	})
}
