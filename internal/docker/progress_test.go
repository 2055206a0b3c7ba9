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

// fakeBuild sends the statuses of a build as a daemon does.
type fakeBuild struct {
	statuses chan *buildkit.SolveStatus
	began    map[string]time.Time
}

func (b fakeBuild) vertex(name string, change func(*buildkit.Vertex)) {
	v := &buildkit.Vertex{Digest: digest.FromString(name), Name: name}
	if began, ok := b.began[name]; ok {
		v.Started = &began
	}
	change(v)
	b.statuses <- &buildkit.SolveStatus{Vertexes: []*buildkit.Vertex{v}}
}

func (b fakeBuild) begins(name string) {
	b.began[name] = time.Now()
	b.vertex(name, func(*buildkit.Vertex) {})
}

func (b fakeBuild) ends(name string) {
	now := time.Now()
	b.vertex(name, func(v *buildkit.Vertex) { v.Completed = &now })
}

func (b fakeBuild) isCached(name string) {
	b.begins(name)
	now := time.Now()
	b.vertex(name, func(v *buildkit.Vertex) { v.Cached, v.Completed = true, &now })
}

func (b fakeBuild) fails(name, why string) {
	now := time.Now()
	b.vertex(name, func(v *buildkit.Vertex) { v.Error, v.Completed = why, &now })
}

func (b fakeBuild) says(name, output string) {
	b.statuses <- &buildkit.SolveStatus{Logs: []*buildkit.VertexLog{{Vertex: digest.FromString(name), Data: []byte(output)}}}
}

func (b fakeBuild) sent(name string, bytes int64) {
	b.statuses <- &buildkit.SolveStatus{Statuses: []*buildkit.VertexStatus{{
		ID: "transferring context:", Vertex: digest.FromString(name), Current: bytes,
	}}}
}

func (b fakeBuild) warns(text string) {
	b.statuses <- &buildkit.SolveStatus{Warnings: []*buildkit.VertexWarning{{Short: []byte(text)}}}
}

// render returns the log of a build.
func render(t *testing.T, redact func(string) string, build func(fakeBuild)) string {
	t.Helper()
	var shown bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		b := fakeBuild{statuses: make(chan *buildkit.SolveStatus), began: map[string]time.Time{}}
		go func() {
			defer close(b.statuses)
			build(b)
		}()
		newProgress(&shown, redact).follow(b.statuses)
	})
	return shown.String()
}

// pass waits, in the bubble's time.
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
		golden(t, "succeeds.txt", render(t, nil, func(b fakeBuild) {
			b.begins("[internal] load build definition from Dockerfile")
			b.ends("[internal] load build definition from Dockerfile")
			b.begins(load)
			b.sent(load, 48_300_000)
			pass(1500 * time.Millisecond)
			b.ends(load)
			b.warns("SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG \"TOKEN\") (line 3)")
			b.begins(noCache)
			b.fails(noCache, "not found")
			b.isCached(from)
			b.begins(copyAll)
			pass(100 * time.Millisecond)
			b.ends(copyAll)
			b.begins(test)
			b.begins(quietly)
			b.says(test, "ok  \texample.org/a\t0.0")
			pass(9 * time.Second)
			b.says(test, "12s\nok  \texample.org/b\t8.9s\n")
			pass(3 * time.Second)
			b.says(test, "10%\r50%\r100%\r\n")
			b.ends(quietly)
			pass(80 * time.Second)
			b.says(test, "no newline at the end")
			b.ends(test)
			b.begins(export)
			pass(200 * time.Millisecond)
			b.ends(export)
		}))
	})

	t.Run("a build that fails", func(t *testing.T) {
		golden(t, "fails.txt", render(t, nil, func(b fakeBuild) {
			b.isCached(from)
			b.begins(test)
			b.begins(quietly)
			b.says(test, "--- FAIL: TestSum (0.00s)\n    sum_test.go:9: Sum(1, 2) = 4, want 3\n")
			pass(2 * time.Second)
			b.fails(quietly, "context canceled")
			b.begins(copyAll)
			b.fails(test, "executor failed running [/bin/sh -c go test ./...]: exit code: 1")
		}))
	})

	t.Run("a build that is stopped", func(t *testing.T) {
		golden(t, "stopped.txt", render(t, nil, func(b fakeBuild) {
			b.isCached(from)
			b.begins(load)
			b.begins(quietly)
			pass(12 * time.Second)
		}))
	})

	t.Run("a step that ends again is shown again only if it took long", func(t *testing.T) {
		golden(t, "twice.txt", render(t, nil, func(b fakeBuild) {
			for _, took := range []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 5 * time.Second} {
				b.begins(copyAll)
				pass(took)
				b.ends(copyAll)
			}
		}))
	})
}

// The daemon may be on another machine, whose clock is wrong.
func TestProgress_reports_each_step_by_our_clock(t *testing.T) {
	var steps []Step
	var end time.Time
	synctest.Test(t, func(t *testing.T) {
		b := fakeBuild{statuses: make(chan *buildkit.SolveStatus), began: map[string]time.Time{}}
		end = time.Now().Add(15 * time.Second)
		go func() {
			defer close(b.statuses)
			b.isCached("[1/2] FROM scratch")
			began := time.Now().Add(-time.Hour)
			b.began["[2/2] RUN curl -H token:hunter2"] = began
			b.vertex("[2/2] RUN curl -H token:hunter2", func(*buildkit.Vertex) {})
			pass(15 * time.Second)
			completed := began.Add(14 * time.Second)
			b.vertex("[2/2] RUN curl -H token:hunter2", func(v *buildkit.Vertex) { v.Completed = &completed })
		}()
		p := newProgress(nil, nil) // without Redact, as for a secret that only the runner knows
		p.onStep = func(s Step) { steps = append(steps, s) }
		p.follow(b.statuses)
	})
	want := []Step{{Name: "[2/2] RUN", Begin: end.Add(-14 * time.Second), End: end}}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestProgressRedactsSecrets(t *testing.T) {
	// The longest first and each line of a key, as Redact must do.
	secrets := []string{"hunter22", "hunter2", "-----BEGIN KEY-----", "bm90IGEga2V5", "-----END KEY-----"}
	shown := render(t, redactor(secrets...), func(b fakeBuild) {
		b.begins("[1/1] RUN echo hunter22")
		// The name is truncated within the secret.
		long := "[1/2] RUN " + strings.Repeat("x", maxNameLength-len("[1/2] RUN ")-3) + "hunter22"
		b.begins(long)
		b.ends(long)
		b.says("[1/1] RUN echo hunter22", "my password is hun")
		b.says("[1/1] RUN echo hunter22", "ter22, no more\nbm90IGEga2V5\n")
		b.warns("hunter22 was found")
		b.fails("[1/1] RUN echo hunter22", "exit code: 1")
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

func TestRun(t *testing.T) {
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
				err := p.run("push a/b:c", func() error { pass(15 * time.Second); return c.err })
				if err != c.err || shown.String() != c.want {
					t.Errorf("run = %v, shown\n%s\nwant %v, shown\n%s", err, &shown, c.err, c.want)
				}
			})
		})
	}
}

func TestTruncate(t *testing.T) {
	long := strings.Repeat("é", 200)
	for _, c := range []struct{ name, want string }{
		{"RUN a && \\\n    b\t c", "RUN a && \\ b c"},
		{long, strings.Repeat("é", 119) + "…"},
	} {
		if got := truncate(c.name); got != c.want {
			t.Errorf("truncate(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}
