package process

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// image builds an image of files, given as names and contents.
func image(t *testing.T, config v1.Config, files ...string) v1.Image {
	t.Helper()
	var layer bytes.Buffer
	archive := tar.NewWriter(&layer)
	for i := 0; i+1 < len(files); i += 2 {
		if err := archive.WriteHeader(&tar.Header{Name: files[i], Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(files[i+1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(archive, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	made, err := mutate.AppendLayers(empty.Image, static.NewLayer(layer.Bytes(), types.DockerUncompressedLayer))
	if err != nil {
		t.Fatal(err)
	}
	if made, err = mutate.Config(made, config); err != nil {
		t.Fatal(err)
	}
	return made
}

// hello compiles the app that the demo deploys.
func hello(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "hello")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../../../testdata/hello-world-app")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	return string(program)
}

// get retries until the process listens or the test times out.
func get(t *testing.T, handler http.Handler) (status int, body string) {
	t.Helper()
	for t.Context().Err() == nil {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
		if answer.Code != http.StatusBadGateway {
			return answer.Code, answer.Body.String()
		}
	}
	return 0, ""
}

func TestContainer_is_the_program_in_the_image(t *testing.T) {
	program := image(t, v1.Config{Entrypoint: []string{"/bin/hello"}, Env: []string{"COMMIT=abc"}}, "bin/hello", hello(t))
	r := Runner{Pull: func(string) (v1.Image, error) { return program, nil }}
	defer r.Close()

	first := r.Container("hello:1", nil)
	if status, body := get(t, first.Handler); status != http.StatusOK || body != "Hello from abc" {
		t.Errorf("GET = %d %q, want the program's answer with the image's environment", status, body)
	}
	second := r.Container("hello:1", map[string]string{"COMMIT": "def"})
	if status, body := get(t, second.Handler); status != http.StatusOK || body != "Hello from def" {
		t.Errorf("GET = %d %q, want the task's environment to take precedence", status, body)
	}
	if got := r.Running(); got != 2 {
		t.Errorf("Running = %d, want 2", got)
	}
	first.Stop()
	if got := r.Running(); got != 1 {
		t.Errorf("after Stop Running = %d, want 1", got)
	}
	r.Close()
	if got := r.Running(); got != 0 {
		t.Errorf("after Close Running = %d, want 0", got)
	}
	answer := httptest.NewRecorder()
	second.Handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	if answer.Code != http.StatusBadGateway {
		t.Errorf("GET after Close = %d, want 502", answer.Code)
	}
}

func TestFunction_is_the_program_in_the_image(t *testing.T) {
	program := image(t, v1.Config{Entrypoint: []string{"/bin/hello"}, Env: []string{"COMMIT=abc"}}, "bin/hello", hello(t))
	r := Runner{Pull: func(string) (v1.Image, error) { return program, nil }}
	defer r.Close()

	function := r.Function("hello:1", map[string]string{"PORT": "8080"})
	for range 2 {
		response, err := function.Invoke(t.Context(), []byte(`{"httpMethod": "GET", "path": "/"}`))
		if err != nil || !strings.Contains(string(response), `"Hello from abc"`) || !strings.Contains(string(response), `"statusCode":200`) {
			t.Errorf("Invoke = %s, %v, want the program's answer with the image's environment", response, err)
		}
	}
	if response, err := function.Invoke(t.Context(), []byte(`no JSON`)); err == nil || !strings.Contains(err.Error(), "errorType") {
		t.Errorf("Invoke with an invalid event = %s, %v, want the program's error", response, err)
	}
	function.Stop()
	if response, err := function.Invoke(t.Context(), []byte(`{}`)); err == nil || !strings.Contains(err.Error(), "Runtime.ExitError") {
		t.Errorf("Invoke after Stop = %s, %v, want an error", response, err)
	}
	if got := r.Running(); got != 0 {
		t.Errorf("after Stop Running = %d, want 0", got)
	}
}

func TestFunction_without_its_program_cannot_be_started(t *testing.T) {
	program := image(t, v1.Config{Cmd: []string{"/gone"}}, "a", "b")
	r := Runner{Pull: func(string) (v1.Image, error) { return program, nil }}
	defer r.Close()
	_, err := r.Function("x", nil).Invoke(t.Context(), []byte(`{}`))
	if err == nil || !strings.Contains(err.Error(), "Runtime.InvalidEntrypoint") {
		t.Errorf("Invoke = %v, want an invalid entry point", err)
	}
}

func TestContainer_that_cannot_be_started_answers_502(t *testing.T) {
	for name, pull := range map[string]func(string) (v1.Image, error){
		"no image":      func(string) (v1.Image, error) { return nil, errors.New("not found") },
		"no entrypoint": func(string) (v1.Image, error) { return image(t, v1.Config{}, "a", "b"), nil },
		"no program":    func(string) (v1.Image, error) { return image(t, v1.Config{Cmd: []string{"/gone"}}, "a", "b"), nil },
		"no executable": func(string) (v1.Image, error) { return image(t, v1.Config{Cmd: []string{"/a"}}, "a", "b"), nil },
	} {
		t.Run(name, func(t *testing.T) {
			r := Runner{Pull: pull}
			c := r.Container("x", nil)
			r.Close() // returns when the attempt has ended
			answer := httptest.NewRecorder()
			c.Handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
			if answer.Code != http.StatusBadGateway {
				t.Errorf("GET = %d, want 502", answer.Code)
			}
		})
	}
}

func TestUnpack_stays_in_its_folder(t *testing.T) {
	for _, name := range []string{"../evil", "a/../../evil", "/../evil"} {
		if _, err := inside("/dir", name); !errors.Is(err, errOutside) {
			t.Errorf("inside(%q) = %v, want an error", name, err)
		}
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "image")
	_ = unpack(image(t, v1.Config{}, "../evil", "x"), dir)
	if _, err := os.Stat(filepath.Join(parent, "evil")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a layer wrote outside of its folder: %v", err)
	}
}
