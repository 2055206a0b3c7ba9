package docker

import (
	"strings"
	"testing"

	"github.com/distribution/reference"
	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"pr-stack/internal/hint"
)

var (
	amd64       = []ocispec.Platform{{OS: "linux", Architecture: "amd64"}}
	graphDriver = features{version: "20.10.24", store: "overlay2", platforms: amd64}
	containerd  = features{version: "29.1.0", store: "overlayfs", containerd: true, platforms: amd64}
)

func hintOf(err error) string {
	return strings.Join(hint.Of(err), "; ")
}

// The labels are those of Docker 20.10 and moby v2.0.0-beta.24.
func TestFeaturesOf(t *testing.T) {
	worker := func(labels map[string]string) []*client.WorkerInfo {
		return []*client.WorkerInfo{{Labels: labels, Platforms: amd64}}
	}
	for _, c := range []struct {
		name    string
		version string
		driver  string
		workers []*client.WorkerInfo
		want    features
	}{
		{"a graph driver", "20.10.24", "overlay2", worker(nil), graphDriver},
		{"the containerd image store", "29.1.0", "overlayfs",
			worker(map[string]string{"org.mobyproject.buildkit.worker.snapshotter": "overlayfs"}), containerd},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := featuresOf(c.version, c.driver, c.workers)
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(features{})); diff != "" {
				t.Errorf("featuresOf (-want +got)\n%s", diff)
			}
		})
	}
}

func TestUnsupportedOptions(t *testing.T) {
	const ignores = "build: provenance: this Docker daemon (20.10.24, graph driver overlay2) ignores it"
	for _, c := range []struct {
		name   string
		daemon features
		build  Build
		want   string // "": no error
		hint   string
	}{
		{"plain build on a graph driver", graphDriver,
			Build{Target: "x", Platforms: []string{"linux/amd64"}}, "", ""},
		{"plain build on containerd", containerd,
			Build{Target: "x", Platforms: []string{"linux/amd64"}}, "", ""},

		{"provenance on a graph driver", graphDriver, Build{Provenance: "true"}, ignores,
			"set provenance to false"},
		{"provenance with a mode on a graph driver", graphDriver, Build{Provenance: "mode=max"},
			ignores, "containerd-snapshotter"},
		{"no provenance on a graph driver", graphDriver, Build{Provenance: "false"}, "", ""},
		{"provenance on containerd", containerd, Build{Provenance: "mode=max"}, "", ""},
		{"provenance that is not KEY=VALUE", containerd, Build{Provenance: "maximal"},
			`build: provenance: "maximal" is not KEY=VALUE`, "mode=max"},

		{"two platforms on a graph driver", graphDriver,
			Build{Platforms: []string{"linux/amd64", "linux/arm64"}},
			"build: platforms: this Docker daemon (20.10.24, graph driver overlay2) builds for one platform at a time", "one platform"},
		{"two platforms on containerd", containerd,
			Build{Platforms: []string{"linux/amd64", "linux/arm64"}}, "", ""},
		{"another architecture may be cross-compiled", graphDriver,
			Build{Platforms: []string{"linux/arm64"}}, "", ""},
		{"another operating system", containerd, Build{Platforms: []string{"windows/amd64"}},
			"build: platforms: this Docker daemon (29.1.0, containerd image store) cannot build for windows/amd64", "linux/amd64"},
		{"an invalid platform", containerd, Build{Platforms: []string{"linux/x/y/z"}},
			`build: platforms: "linux/x/y/z" is not a valid platform`, "linux/arm64"},

		{"registry cache written on a graph driver", graphDriver,
			Build{CacheTo: []string{"type=registry,ref=a/b:c"}},
			"build: cache-to: this Docker daemon (20.10.24, graph driver overlay2) cannot write a cache of type registry", "type=inline"},
		{"local cache written on a graph driver", graphDriver, Build{CacheTo: []string{"type=local,dest=/x"}},
			"build: cache-to: this Docker daemon (20.10.24, graph driver overlay2) cannot write a cache of type local", "type=inline"},
		{"inline cache written on a graph driver", graphDriver,
			Build{CacheTo: []string{"type=inline"}}, "", ""},
		{"registry cache written on containerd", containerd,
			Build{CacheTo: []string{"type=registry,ref=a/b:c"}}, "", ""},
		{"registry cache read on a graph driver", graphDriver, Build{CacheFrom: []string{"a/b:c"}}, "", ""},
		{"GitHub's cache read on a graph driver", graphDriver, Build{CacheFrom: []string{"type=gha"}},
			"build: cache-from: this Docker daemon (20.10.24, graph driver overlay2) cannot read a cache of type gha", "type=registry"},
		{"GitHub's cache read on containerd", containerd, Build{CacheFrom: []string{"type=gha"}}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.build.Context = folder(t, "Dockerfile", "FROM scratch")
			d := &Daemon{features: c.daemon, GitHubCache: GitHubCache{URL: "u", Token: "t"}}
			_, err := d.options(inContext(c.build), tagged(t, "host/app:t1"))
			if c.want == "" && err != nil {
				t.Fatalf("options = %v, want no error", err)
			}
			if c.want != "" && (err == nil || err.Error() != c.want || !strings.Contains(hintOf(err), c.hint)) {
				t.Errorf("options = %v, hint %q, want %s, hint %s", err, hintOf(err), c.want, c.hint)
			}
		})
	}
}

func TestMissingFiles(t *testing.T) {
	dir := folder(t, "Dockerfile", "FROM scratch", "web/other", "")
	for _, c := range []struct {
		name       string
		build      Build
		want, hint string
	}{
		{"no context", Build{Context: dir + "/absent"},
			"build: context is not a directory: " + dir + "/absent", "set context"},
		{"context is a file", Build{Context: dir + "/Dockerfile"},
			"build: context is not a directory: " + dir + "/Dockerfile", "set context"},
		{"no Dockerfile", Build{Context: dir + "/web"},
			"build: Dockerfile not found: " + dir + "/web/Dockerfile", "set file"},
		{"Dockerfile is a directory", Build{Context: dir, File: dir + "/web"},
			"build: Dockerfile not found: " + dir + "/web", "set file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := (&Daemon{}).options(inContext(c.build), tagged(t, "host/app:t1"))
			if err == nil || err.Error() != c.want || !strings.Contains(hintOf(err), c.hint) {
				t.Errorf("options = %v, hint %q, want %s, hint %s", err, hintOf(err), c.want, c.hint)
			}
		})
	}
}

func TestTagIsRequired(t *testing.T) {
	for _, tag := range []string{"", "host/app", "host/App:x", "host/app@sha256:" + strings.Repeat("a", 64)} {
		if _, err := parseTag(tag); err == nil {
			t.Errorf("parseTag(%q) = no error, want one", tag)
		}
	}
}

// The names of the options are those of BuildKit's frontend and exporters.
func TestOptions(t *testing.T) {
	build := Build{
		Context:    folder(t, "deploy/web.Dockerfile", "FROM scratch"),
		File:       "deploy/web.Dockerfile",
		Target:     "final",
		Platforms:  []string{"linux/amd64", "linux/arm64"},
		Args:       map[string]string{"COMMIT": "abc=def", "SOURCE_DATE_EPOCH": "0"},
		CacheFrom:  []string{"host/app:cache", "type=local,src=/nowhere/at/all"},
		CacheTo:    []string{"type=registry,ref=host/app:cache"},
		Provenance: "mode=max",
	}
	build.File = build.Context + "/" + build.File
	opts, err := (&Daemon{features: containerd}).options(build, tagged(t, "host.example/app:t1"))
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]string{
		"filename": "web.Dockerfile", "target": "final", "platform": "linux/amd64,linux/arm64",
		"build-arg:COMMIT": "abc=def", "build-arg:SOURCE_DATE_EPOCH": "0", "attest:provenance": "mode=max",
	}
	if diff := cmp.Diff(attributes, opts.FrontendAttrs); diff != "" {
		t.Errorf("frontend attributes (-want +got)\n%s", diff)
	}
	exports := []client.ExportEntry{{Type: "image", Attrs: map[string]string{"name": "host.example/app:t1", "push": "true"}}}
	if diff := cmp.Diff(exports, opts.Exports); diff != "" {
		t.Errorf("exports (-want +got)\n%s", diff)
	}
	caches := []cache{{Type: "registry", Attrs: map[string]string{"ref": "host/app:cache", "ignore-error": "true"}}}
	if diff := cmp.Diff(caches, opts.CacheExports); diff != "" {
		t.Errorf("cache exports (-want +got)\n%s", diff)
	}
	caches = []cache{{Type: "registry", Attrs: map[string]string{"ref": "host/app:cache"}}}
	if diff := cmp.Diff(caches, opts.CacheImports); diff != "" {
		t.Errorf("cache imports (-want +got)\n%s", diff)
	}
}

func inContext(b Build) Build {
	if b.File == "" {
		b.File = b.Context + "/Dockerfile"
	}
	return b
}

func tagged(t *testing.T, ref string) reference.Named {
	t.Helper()
	named, err := parseTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	return named
}
