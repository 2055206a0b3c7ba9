package docker

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	buildkit "github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// stage plays a build: each call is a status from the daemon, and time passes in between.
type stage struct {
	statuses chan *buildkit.SolveStatus
	began    map[string]time.Time
}

func (s stage) vertex(name string, change func(*buildkit.Vertex)) {
	v := &buildkit.Vertex{Digest: digest.FromString(name), Name: name}
	if began, ok := s.began[name]; ok {
		v.Started = &began
	}
	change(v)
	s.statuses <- &buildkit.SolveStatus{Vertexes: []*buildkit.Vertex{v}}
}

func (s stage) begins(name string) {
	s.began[name] = time.Now()
	s.vertex(name, func(*buildkit.Vertex) {})
}

func (s stage) ends(name string) {
	now := time.Now()
	s.vertex(name, func(v *buildkit.Vertex) { v.Completed = &now })
}

func (s stage) isCached(name string) {
	s.begins(name)
	now := time.Now()
	s.vertex(name, func(v *buildkit.Vertex) { v.Cached, v.Completed = true, &now })
}

func (s stage) fails(name, why string) {
	now := time.Now()
	s.vertex(name, func(v *buildkit.Vertex) { v.Error, v.Completed = why, &now })
}

func (s stage) says(name, output string) {
	s.statuses <- &buildkit.SolveStatus{Logs: []*buildkit.VertexLog{{Vertex: digest.FromString(name), Data: []byte(output)}}}
}

func (s stage) sent(name string, bytes int64) {
	s.statuses <- &buildkit.SolveStatus{Statuses: []*buildkit.VertexStatus{{
		ID: "transferring context:", Vertex: digest.FromString(name), Current: bytes,
	}}}
}

func (s stage) warns(text string) {
	s.statuses <- &buildkit.SolveStatus{Warnings: []*buildkit.VertexWarning{{Short: []byte(text)}}}
}

// render returns what is shown of a play.
func render(t *testing.T, hidden []string, play func(stage)) string {
	t.Helper()
	var shown bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		s := stage{statuses: make(chan *buildkit.SolveStatus), began: map[string]time.Time{}}
		go func() {
			defer close(s.statuses)
			play(s)
		}()
		newProgress(&shown, hidden).follow(s.statuses)
	})
	return shown.String()
}

// pass lets time go by, in the bubble.
func pass(d time.Duration) { <-time.After(d) }

func TestProgress(t *testing.T) {
	const (
		load    = "[internal] load build context"
		from    = "[build 1/4] FROM docker.io/library/golang:1.26"
		copyAll = "[build 2/4] COPY . ."
		test    = "[build 3/4] RUN go test ./..."
		quietly = "[lint 1/1] RUN golangci-lint run --silent"
		noCache = "importing cache manifest from host.example/app:cache"
		export  = "exporting to image"
	)

	t.Run("a build that succeeds", func(t *testing.T) {
		golden(t, "succeeds.txt", render(t, nil, func(s stage) {
			s.begins("[internal] load build definition from Dockerfile")
			s.ends("[internal] load build definition from Dockerfile")
			s.begins(load)
			s.sent(load, 48_300_000)
			pass(1500 * time.Millisecond)
			s.ends(load)
			s.warns("SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG \"TOKEN\") (line 3)")
			s.begins(noCache)
			s.fails(noCache, "not found")
			s.isCached(from)
			s.begins(copyAll)
			pass(100 * time.Millisecond)
			s.ends(copyAll)
			s.begins(test)
			s.begins(quietly)
			s.says(test, "ok  \texample.org/a\t0.0")
			pass(9 * time.Second)
			s.says(test, "12s\nok  \texample.org/b\t8.9s\n")
			pass(3 * time.Second)
			s.says(test, "10%\r50%\r100%\r\n")
			s.ends(quietly)
			pass(80 * time.Second)
			s.says(test, "no newline at the end")
			s.ends(test)
			s.begins(export)
			pass(200 * time.Millisecond)
			s.ends(export)
		}))
	})

	t.Run("a build that fails", func(t *testing.T) {
		golden(t, "fails.txt", render(t, nil, func(s stage) {
			s.isCached(from)
			s.begins(test)
			s.begins(quietly)
			s.says(test, "--- FAIL: TestSum (0.00s)\n    sum_test.go:9: Sum(1, 2) = 4, want 3\n")
			pass(2 * time.Second)
			s.fails(quietly, "context canceled")
			s.begins(copyAll)
			s.fails(test, "executor failed running [/bin/sh -c go test ./...]: exit code: 1")
		}))
	})

	t.Run("a build that is cut short", func(t *testing.T) {
		golden(t, "cut-short.txt", render(t, nil, func(s stage) {
			s.isCached(from)
			s.begins(load)
			s.begins(quietly)
			pass(12 * time.Second)
		}))
	})

	t.Run("a step that ends twice is shown again only if it took long", func(t *testing.T) {
		golden(t, "twice.txt", render(t, nil, func(s stage) {
			for _, took := range []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 5 * time.Second} {
				s.begins(copyAll)
				pass(took)
				s.ends(copyAll)
			}
		}))
	})
}

// The daemon may be on another machine, whose clock is wrong.
func TestProgress_tells_of_each_step_by_our_clock(t *testing.T) {
	var steps []Step
	var end time.Time
	synctest.Test(t, func(t *testing.T) {
		s := stage{statuses: make(chan *buildkit.SolveStatus), began: map[string]time.Time{}}
		end = time.Now().Add(15 * time.Second)
		go func() {
			defer close(s.statuses)
			s.isCached("[1/2] FROM scratch")
			began := time.Now().Add(-time.Hour)
			s.began["[2/2] RUN curl -H token:hunter2"] = began
			s.vertex("[2/2] RUN curl -H token:hunter2", func(*buildkit.Vertex) {})
			pass(15 * time.Second)
			completed := began.Add(14 * time.Second)
			s.vertex("[2/2] RUN curl -H token:hunter2", func(v *buildkit.Vertex) { v.Completed = &completed })
		}()
		p := newProgress(nil, nil) // which knows nothing of secrets among the arguments
		p.onStep = func(s Step) { steps = append(steps, s) }
		p.follow(s.statuses)
	})
	want := []Step{{Name: "[2/2] RUN", Begin: end.Add(-14 * time.Second), End: end}}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestProgressHidesSecrets(t *testing.T) {
	key := "-----BEGIN KEY-----\r\nbm90IGEga2V5\n-----END KEY-----\n"
	shown := render(t, []string{"hunter2", "hunter22", key, "", "no\n"}, func(s stage) {
		s.begins("[1/1] RUN echo hunter22")
		long := "[1/2] RUN " + strings.Repeat("x", longest-len("[1/2] RUN ")-3) + "hunter22" // is cut within the secret
		s.begins(long)
		s.ends(long)
		s.says("[1/1] RUN echo hunter22", "my password is hun")
		s.says("[1/1] RUN echo hunter22", "ter22, no more\nbm90IGEga2V5\n")
		s.warns("hunter22 was found")
		s.fails("[1/1] RUN echo hunter22", "exit code: 1")
	})
	for _, secret := range []string{"hunter22", "bm90IGEga2V5", "hu"} {
		if strings.Contains(shown, secret) {
			t.Errorf("the log has %q:\n%s", secret, shown)
		}
	}
	if want := "my password is ***, no more\n"; !strings.Contains(shown, want) {
		t.Errorf("the log has no %q:\n%s", want, shown)
	}
}

func TestWatch(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"work that succeeds", nil, "      …  push a/b:c\n  15.0s  push a/b:c\n"},
		{"work that fails", errors.New("denied"), "      …  push a/b:c\n failed  push a/b:c\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var shown bytes.Buffer
				p := newProgress(&shown, nil)
				err := p.watch("push a/b:c", func() error { pass(15 * time.Second); return c.err })
				if err != c.err || shown.String() != c.want {
					t.Errorf("watch = %v, shown\n%s\nwant %v, shown\n%s", err, &shown, c.err, c.want)
				}
			})
		})
	}
}

func TestShorten(t *testing.T) {
	long := strings.Repeat("é", 200)
	for _, c := range []struct{ name, want string }{
		{"RUN a && \\\n    b\t c", "RUN a && \\ b c"},
		{long, strings.Repeat("é", 119) + "…"},
	} {
		if got := shorten(c.name); got != c.want {
			t.Errorf("shorten(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}
