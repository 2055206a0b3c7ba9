package docker

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// These tests really build and push, with either of the image stores.

func TestBuildAndPush(t *testing.T) {
	d := connectForTest(t)
	registry := newRegistry(t)
	d.Credentials = registry.login
	base := shell(t, d)

	t.Run("the registry has the image with the returned digest", func(t *testing.T) {
		tag := registry.tag(t, d)
		digest, err := d.BuildAndPush(t.Context(), Build{
			Context: folder(t, "Dockerfile", "FROM scratch\nCOPY a.txt /\n", "a.txt", "hello"),
		}, tag)
		if err != nil {
			t.Fatal(err)
		}
		image := registry.image(t, tag)
		if sum, _ := image.Digest(); sum.String() != digest {
			t.Errorf("BuildAndPush = %s, the registry has %s", digest, sum)
		}
		if got := files(t, image)["a.txt"]; got != "hello" {
			t.Errorf("a.txt in the image = %q, want hello", got)
		}
	})

	t.Run("dockerignore excludes files", func(t *testing.T) {
		tag := registry.tag(t, d)
		_, err := d.BuildAndPush(t.Context(), Build{
			Context: folder(t, "Dockerfile", "FROM scratch\nCOPY . /\n", "keep.txt", "k", ".env", "SECRET=1",
				".dockerignore", ".env\nDockerfile\n"),
		}, tag)
		if err != nil {
			t.Fatal(err)
		}
		got := files(t, registry.image(t, tag))
		if _, there := got[".env"]; there || got["keep.txt"] != "k" {
			t.Errorf("files in the image = %v, want keep.txt and no .env", got)
		}
	})

	t.Run("a Dockerfile outside the context has its own dockerignore", func(t *testing.T) {
		dir := folder(t, "app/keep.txt", "k", "app/drop.txt", "d", "app/.dockerignore", "keep.txt\n",
			"deploy/web.Dockerfile", "FROM scratch\nCOPY . /\n", "deploy/web.Dockerfile.dockerignore", "drop.txt\n")
		tag := registry.tag(t, d)
		_, err := d.BuildAndPush(t.Context(), Build{
			Context: filepath.Join(dir, "app"), File: filepath.Join(dir, "deploy/web.Dockerfile"),
		}, tag)
		if err != nil {
			t.Fatal(err)
		}
		got := files(t, registry.image(t, tag))
		if _, there := got["drop.txt"]; there || got["keep.txt"] != "k" {
			t.Errorf("files in the image = %v, want keep.txt and no drop.txt", got)
		}
	})

	t.Run("target and arguments and secrets", func(t *testing.T) {
		var log bytes.Buffer
		d.Progress, d.Redact = &log, redactor("hunter22")
		defer func() { d.Progress, d.Redact = nil, nil }()
		tag := registry.tag(t, d)
		commit := "abc=d " + time.Now().Format(time.RFC3339Nano) // new in each run, so that the command is not cached
		_, err := d.BuildAndPush(t.Context(), Build{
			Context: folder(t, "Dockerfile", "FROM "+base+" AS wanted\n"+
				"ARG COMMIT\n"+
				"RUN --mount=type=secret,id=token echo \"$COMMIT $(cat /run/secrets/token | busybox wc -c)\" > /seen; cat /run/secrets/token\n"+
				"FROM wanted\nRUN exit 1\n"),
			Target:  "wanted",
			Args:    map[string]string{"COMMIT": commit},
			Secrets: map[string][]byte{"token": []byte("hunter22")},
		}, tag)
		if err != nil {
			t.Fatal(err)
		}
		if got := files(t, registry.image(t, tag))["seen"]; got != commit+" 8\n" {
			t.Errorf("/seen = %q, want %q", got, commit+" 8\n")
		}
		if !strings.Contains(log.String(), "| ***") || strings.Contains(log.String(), "hunter22") {
			t.Errorf("the log shows the secret, or does not show where it was:\n%s", &log)
		}
	})

	t.Run("a cache that does not exist is not an error", func(t *testing.T) {
		tag := registry.tag(t, d)
		_, err := d.BuildAndPush(t.Context(), Build{
			Context:   folder(t, "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"),
			CacheFrom: []string{"type=registry,ref=" + registry.host + "/nothing:cache", "type=local,src=" + t.TempDir() + "/absent"},
			CacheTo:   []string{"type=inline"},
		}, tag)
		if err != nil {
			t.Errorf("BuildAndPush = %v, want no error", err)
		}
	})

	t.Run("provenance is supported or an error", func(t *testing.T) {
		digest, err := d.BuildAndPush(t.Context(), Build{
			Context:    folder(t, "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"),
			Provenance: "mode=max",
		}, registry.tag(t, d))
		if d.features.containerd {
			if err != nil || !strings.HasPrefix(digest, "sha256:") {
				t.Errorf("BuildAndPush = %q, %v, want a digest", digest, err)
			}
			return
		}
		if err == nil || !strings.HasPrefix(err.Error(), "build: provenance: this Docker daemon (") {
			t.Errorf("BuildAndPush = %q, %v, want an error about provenance", digest, err)
		}
	})
}

func TestBuildFails(t *testing.T) {
	d := connectForTest(t)
	registry := newRegistry(t)
	d.Credentials = registry.login
	d.Redact = redactor("hunter22")
	base := shell(t, d)

	for _, c := range []struct {
		name, dockerfile, target string
		want                     []string
		hint                     string
	}{
		{"a command fails", "FROM " + base + "\nRUN echo out; exit 3\n", "",
			[]string{"build: ", "RUN echo out; exit 3: exit code: 3"}, ""},
		{"a file to copy is missing", "FROM scratch\nCOPY absent.txt /\n", "",
			[]string{"build: ", "COPY absent.txt /: ", `"/absent.txt"`, "not found"},
			".dockerignore"},
		{"a syntax error", "FROM scratch\nCPY a b\n", "",
			[]string{"build: ", "line 2: unknown instruction: CPY"}, ""},
		{"an unknown target", "FROM scratch AS app\nCOPY Dockerfile /\n", "ap",
			[]string{"build: ", "could not be found"}, "set target"},
		{"a secret is in the command", "FROM " + base + "\nRUN echo hunter22; exit 1\n", "",
			[]string{"RUN echo ***; exit 1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := d.BuildAndPush(t.Context(), Build{
				Context: folder(t, "Dockerfile", c.dockerfile),
				Target:  c.target,
				Secrets: map[string][]byte{"s": []byte("hunter22")},
			}, registry.tag(t, d))
			if err == nil {
				t.Fatal("BuildAndPush = no error, want one")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("BuildAndPush = %v, want %s in it", err, part)
				}
			}
			if strings.Contains(err.Error(), "failed to") || strings.Contains(err.Error(), "hunter22") || strings.Contains(err.Error(), "\n") {
				t.Errorf("BuildAndPush = %v, want one line without secrets", err)
			}
			if !strings.Contains(hintOf(err), c.hint) {
				t.Errorf("hint = %q, want %s", hintOf(err), c.hint)
			}
		})
	}
}

func TestPushFails(t *testing.T) {
	d := connectForTest(t)
	registry := newRegistry(t)
	for name, credentials := range map[string]Credentials{
		"without credentials":        {},
		"with a wrong password":      {Host: registry.host, Username: "AWS", Password: "wrong-wrong"},
		"with those of another host": {Host: "other.example", Username: "AWS", Password: "sesame-sesame"},
		"with those of another port": {Host: "127.0.0.1", Username: "AWS", Password: "sesame-sesame"},
		"with a user name only":      {Host: registry.host, Username: "AWS"},
	} {
		t.Run(name, func(t *testing.T) {
			d.Credentials = func(context.Context) (Credentials, error) { return credentials, nil }
			tag := registry.tag(t, d)
			_, err := d.BuildAndPush(t.Context(), Build{Context: folder(t, "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")}, tag)
			if err == nil || !strings.HasPrefix(err.Error(), "push "+tag+": ") || !strings.Contains(hintOf(err), "credentials") {
				t.Errorf("BuildAndPush = %v, hint %q, want push %s: …, and a hint at the credentials",
					err, hintOf(err), tag)
			}
		})
	}
}

// stopwatch cancels a context when now is called or the log has the marker, and measures how long the
// build then takes to stop.
type stopwatch struct {
	marker string
	cancel context.CancelCauseFunc
	ended  time.Time
}

var errStop = errors.New("stopped by the test")

func (s *stopwatch) now() {
	if s.ended.IsZero() {
		s.ended = time.Now()
		s.cancel(errStop)
	}
}

func (s *stopwatch) Write(p []byte) (int, error) {
	if s.marker != "" && bytes.Contains(p, []byte(s.marker)) {
		s.now()
	}
	return len(p), nil
}

func (s *stopwatch) check(t *testing.T, err error) {
	t.Helper()
	if err != errStop {
		t.Errorf("BuildAndPush = %v, want %v", err, errStop)
	}
	if took := time.Since(s.ended); s.ended.IsZero() || took > time.Second {
		t.Errorf("BuildAndPush took %v to stop (ended at %v), want less than a second", took, s.ended)
	}
}

func TestCancel(t *testing.T) {
	t.Run("during the build", func(t *testing.T) {
		d := connectForTest(t)
		registry := newRegistry(t)
		d.Credentials = registry.login
		ctx, cancel := context.WithCancelCause(t.Context())
		watch := &stopwatch{marker: "| running", cancel: cancel}
		d.Progress = watch
		dockerfile := "FROM " + shell(t, d) + "\nRUN echo running " + time.Now().String() + "; sleep 60\n"
		_, err := d.BuildAndPush(ctx, Build{Context: folder(t, "Dockerfile", dockerfile)}, registry.tag(t, d))
		watch.check(t, err)
	})

	t.Run("during the push", func(t *testing.T) {
		d := connectForTest(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		watch := &stopwatch{cancel: cancel}
		stuck := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && r.URL.Path == "/v2/" {
				return
			}
			watch.now()
			<-t.Context().Done()
		}))
		t.Cleanup(func() { stuck.CloseClientConnections(); stuck.Close() })
		registry := testRegistry{host: stuck.Listener.Addr().String()}
		_, err := d.BuildAndPush(ctx, Build{Context: folder(t, "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")}, registry.tag(t, d))
		watch.check(t, err)
	})

	t.Run("before the start", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errStop)
		if _, err := Connect(ctx, os.Getenv("DOCKER_HOST")); err != errStop {
			t.Errorf("Connect = %v, want %v", err, errStop)
		}
	})
}
