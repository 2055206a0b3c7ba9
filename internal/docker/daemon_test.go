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

// These tests build and push for real, on whatever image store the daemon has.

func TestBuildAndPush(t *testing.T) {
	d := connectForTest(t)
	shelf := newShelf(t)
	d.Credentials = shelf.open
	base := shell(t, d)

	t.Run("the registry has the image under the digest returned", func(t *testing.T) {
		tag := shelf.tag(t, d)
		digest, err := d.BuildAndPush(t.Context(), Build{
			Context: folder(t, "Dockerfile", "FROM scratch\nCOPY a.txt /\n", "a.txt", "hello"),
			Labels:  map[string]string{"org.example.of": "test"},
			Tag:     tag,
		})
		if err != nil {
			t.Fatal(err)
		}
		image := shelf.image(t, tag)
		if sum, _ := image.Digest(); sum.String() != digest {
			t.Errorf("BuildAndPush = %s, the registry has %s", digest, sum)
		}
		if got := files(t, image)["a.txt"]; got != "hello" {
			t.Errorf("a.txt in the image = %q, want hello", got)
		}
		config, err := image.ConfigFile()
		if err != nil || config.Config.Labels["org.example.of"] != "test" {
			t.Errorf("labels = %v, %v, want org.example.of: test", config.Config.Labels, err)
		}
	})

	t.Run("dockerignore keeps files out", func(t *testing.T) {
		tag := shelf.tag(t, d)
		_, err := d.BuildAndPush(t.Context(), Build{
			Context: folder(t, "Dockerfile", "FROM scratch\nCOPY . /\n", "keep.txt", "k", ".env", "SECRET=1", ".dockerignore", ".env\nDockerfile\n"),
			Tag:     tag,
		})
		if err != nil {
			t.Fatal(err)
		}
		got := files(t, shelf.image(t, tag))
		if _, there := got[".env"]; there || got["keep.txt"] != "k" {
			t.Errorf("files in the image = %v, want keep.txt and no .env", got)
		}
	})

	t.Run("a Dockerfile elsewhere brings its own dockerignore", func(t *testing.T) {
		dir := folder(t, "app/keep.txt", "k", "app/drop.txt", "d", "app/.dockerignore", "keep.txt\n",
			"deploy/web.Dockerfile", "FROM scratch\nCOPY . /\n", "deploy/web.Dockerfile.dockerignore", "drop.txt\n")
		tag := shelf.tag(t, d)
		_, err := d.BuildAndPush(t.Context(), Build{
			Context: filepath.Join(dir, "app"), File: filepath.Join(dir, "deploy/web.Dockerfile"), Tag: tag,
		})
		if err != nil {
			t.Fatal(err)
		}
		got := files(t, shelf.image(t, tag))
		if _, there := got["drop.txt"]; there || got["keep.txt"] != "k" {
			t.Errorf("files in the image = %v, want keep.txt and no drop.txt", got)
		}
	})

	t.Run("target and arguments and secrets", func(t *testing.T) {
		var log bytes.Buffer
		d.Progress = &log
		defer func() { d.Progress = nil }()
		tag := shelf.tag(t, d)
		commit := "abc=d " + time.Now().Format(time.RFC3339Nano) // new, so that the command really runs
		_, err := d.BuildAndPush(t.Context(), Build{
			Context: folder(t, "Dockerfile", "FROM "+base+" AS wanted\n"+
				"ARG COMMIT\n"+
				"RUN --mount=type=secret,id=token echo \"$COMMIT $(cat /run/secrets/token | busybox wc -c)\" > /seen; cat /run/secrets/token\n"+
				"FROM wanted\nRUN exit 1\n"),
			Target:  "wanted",
			Args:    map[string]string{"COMMIT": commit},
			Secrets: map[string][]byte{"token": []byte("hunter22")},
			Tag:     tag,
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := files(t, shelf.image(t, tag))["seen"]; got != commit+" 8\n" {
			t.Errorf("/seen = %q, want %q", got, commit+" 8\n")
		}
		if !strings.Contains(log.String(), "| ***") || strings.Contains(log.String(), "hunter22") {
			t.Errorf("the log shows the secret, or not its place:\n%s", &log)
		}
	})

	t.Run("a cache that does not exist is no error", func(t *testing.T) {
		tag := shelf.tag(t, d)
		_, err := d.BuildAndPush(t.Context(), Build{
			Context:   folder(t, "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"),
			CacheFrom: []string{"type=registry,ref=" + shelf.host + "/nothing:cache", "type=local,src=" + t.TempDir() + "/absent"},
			CacheTo:   []string{"type=inline"},
			Tag:       tag,
		})
		if err != nil {
			t.Errorf("BuildAndPush = %v, want no error", err)
		}
	})

	t.Run("provenance is there or refused", func(t *testing.T) {
		digest, err := d.BuildAndPush(t.Context(), Build{
			Context:    folder(t, "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"),
			Provenance: "mode=max",
			Tag:        shelf.tag(t, d),
		})
		if d.ability.containerd {
			if err != nil || !strings.HasPrefix(digest, "sha256:") {
				t.Errorf("BuildAndPush = %q, %v, want a digest", digest, err)
			}
			return
		}
		if err == nil || !strings.HasPrefix(err.Error(), "build: provenance: this Docker daemon (") {
			t.Errorf("BuildAndPush = %q, %v, want a refusal", digest, err)
		}
	})
}

func TestBuildFails(t *testing.T) {
	d := connectForTest(t)
	shelf := newShelf(t)
	d.Credentials = shelf.open
	base := shell(t, d)

	for _, c := range []struct {
		name, dockerfile, target string
		want                     []string
		hint                     string
	}{
		{"a command fails", "FROM " + base + "\nRUN echo out; exit 3\n", "", []string{"build: ", "RUN echo out; exit 3: exit code: 3"}, ""},
		{"a file to copy is missing", "FROM scratch\nCOPY absent.txt /\n", "", []string{"build: ", "COPY absent.txt /: ", `"/absent.txt"`, "not found"}, ".dockerignore"},
		{"a syntax error", "FROM scratch\nCPY a b\n", "", []string{"build: ", "line 2: unknown instruction: CPY"}, ""},
		{"an unknown target", "FROM scratch AS app\nCOPY Dockerfile /\n", "ap", []string{"build: ", "could not be found"}, "set target"},
		{"a secret is in the command", "FROM " + base + "\nRUN echo hunter22; exit 1\n", "", []string{"RUN echo ***; exit 1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := d.BuildAndPush(t.Context(), Build{
				Context: folder(t, "Dockerfile", c.dockerfile),
				Target:  c.target,
				Secrets: map[string][]byte{"s": []byte("hunter22")},
				Tag:     shelf.tag(t, d),
			})
			if err == nil {
				t.Fatal("BuildAndPush = no error, want one")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("BuildAndPush = %v, want %s in it", err, part)
				}
			}
			if strings.Contains(err.Error(), "failed to") || strings.Contains(err.Error(), "hunter22") || strings.Contains(err.Error(), "\n") {
				t.Errorf("BuildAndPush = %v, want one plain line without secrets", err)
			}
			if !strings.Contains(hintOf(err), c.hint) {
				t.Errorf("hint = %q, want %s", hintOf(err), c.hint)
			}
		})
	}
}

func TestPushFails(t *testing.T) {
	d := connectForTest(t)
	shelf := newShelf(t)
	for name, credentials := range map[string]Credentials{
		"without credentials":           {},
		"with a wrong password":         {Host: shelf.host, Username: "AWS", Password: "wrong-wrong"},
		"with those of another":         {Host: "other.example", Username: "AWS", Password: "sesame-sesame"},
		"with those of another port":    {Host: "127.0.0.1", Username: "AWS", Password: "sesame-sesame"},
		"with a user name and no other": {Host: shelf.host, Username: "AWS"},
	} {
		t.Run(name, func(t *testing.T) {
			d.Credentials = func(context.Context) (Credentials, error) { return credentials, nil }
			tag := shelf.tag(t, d)
			_, err := d.BuildAndPush(t.Context(), Build{Context: folder(t, "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"), Tag: tag})
			if err == nil || !strings.HasPrefix(err.Error(), "push "+tag+": ") || !strings.Contains(hintOf(err), "credentials") {
				t.Errorf("BuildAndPush = %v, hint %q, want push %s: …, and a hint at the credentials", err, hintOf(err), tag)
			}
		})
	}
}

// stopwatch ends ctx when the log, or whoever else calls now, is at the place of interest, and tells how long the rest took.
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
		shelf := newShelf(t)
		d.Credentials = shelf.open
		ctx, cancel := context.WithCancelCause(t.Context())
		watch := &stopwatch{marker: "| running", cancel: cancel}
		d.Progress = watch
		dockerfile := "FROM " + shell(t, d) + "\nRUN echo running " + time.Now().String() + "; sleep 60\n"
		_, err := d.BuildAndPush(ctx, Build{Context: folder(t, "Dockerfile", dockerfile), Tag: shelf.tag(t, d)})
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
		shelf := shelf{host: stuck.Listener.Addr().String()}
		_, err := d.BuildAndPush(ctx, Build{Context: folder(t, "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n"), Tag: shelf.tag(t, d)})
		watch.check(t, err)
	})

	t.Run("before it began", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errStop)
		if _, err := Connect(ctx, os.Getenv("DOCKER_HOST")); err != errStop {
			t.Errorf("Connect = %v, want %v", err, errStop)
		}
	})
}
