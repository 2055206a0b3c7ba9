package docker

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseCaches(t *testing.T) {
	github := GitHubCache{URL: "https://results-receiver.actions.githubusercontent.com/", Token: "runtime-token"}
	for _, c := range []struct {
		name  string
		lines []string
		want  []cache
	}{
		{"none", nil, nil},
		{"blank lines", []string{"", "  "}, nil},
		{"a reference without a type is a registry cache", []string{"host/app:cache"},
			[]cache{{Type: "registry", Attrs: map[string]string{"ref": "host/app:cache"}}}},
		{"registry", []string{"type=registry,ref=host/app:cache,mode=max"},
			[]cache{{Type: "registry", Attrs: map[string]string{"ref": "host/app:cache", "mode": "max"}}}},
		{"a quoted value may have a comma", []string{`type=local,"src=/tmp/a,b"`},
			[]cache{{Type: "local", Attrs: map[string]string{"src": "/tmp/a,b"}}}},
		{"keys are case-insensitive, values are not", []string{"TYPE=registry, Ref=host/app:V1=x"},
			[]cache{{Type: "registry", Attrs: map[string]string{"ref": "host/app:V1=x"}}}},
		{"GitHub's cache gets the runner's URL and token", []string{"type=gha,scope=main"},
			[]cache{{Type: "gha", Attrs: map[string]string{"scope": "main", "url": github.URL, "token": github.Token}}}},
		{"GitHub's cache keeps its own URL and token", []string{"type=gha,url=https://own/,token=t"},
			[]cache{{Type: "gha", Attrs: map[string]string{"url": "https://own/", "token": "t"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseCaches("cache-from", c.lines, cacheFromRequires, github)
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("parseCaches(%q) = error %v, (-want +got)\n%s", c.lines, err, diff)
			}
		})
	}
}

func TestParseCachesReportsInvalidLines(t *testing.T) {
	for _, c := range []struct{ line, want, hint string }{
		{"type=s3,bucket=b", `build: cache-to: cache type "s3" is not supported`, "type=inline"},
		{"ref=host/app:cache", `type is missing`, "type=registry,ref="},
		{"type=registry", `ref is missing`, "add ref="},
		{"type=local,src=/a", `dest is missing`, "add dest="},
		{"type=registry,max", `"max" is not KEY=VALUE`, "type=registry,ref="},
		{`type=registry,"ref=x`, `build: cache-to: `, "type=registry,ref="},
		{"type=gha", `there is no GitHub Actions cache here`, "type=registry"},
	} {
		_, err := parseCaches("cache-to", []string{c.line}, cacheToRequires, GitHubCache{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(hintOf(err), c.hint) {
			t.Errorf("parseCaches(%q) = %v, hint %q, want %s, hint %s", c.line, err, hintOf(err),
				c.want, c.hint)
		}
	}
}

func TestMissingLocalCacheIsSkipped(t *testing.T) {
	present := cache{Type: "local", Attrs: map[string]string{"src": t.TempDir()}}
	missing := cache{Type: "local", Attrs: map[string]string{"src": filepath.Join(t.TempDir(), "missing")}}
	registry := cache{Type: "registry", Attrs: map[string]string{"ref": "host/app:cache"}}

	got := existing([]cache{missing, present, registry})
	if diff := cmp.Diff([]cache{present, registry}, got); diff != "" {
		t.Errorf("existing (-want +got)\n%s", diff)
	}
}

func TestCacheThatCannotBeWrittenIsIgnored(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"type=registry,ref=a/b:c", "true"},
		{"type=registry,ref=a/b:c,ignore-error=false", "false"},
		{"type=gha,url=u,token=t", "true"},
		{"type=inline", ""}, // it is part of the image and has no error of its own
	} {
		caches, err := parseCaches("cache-to", []string{c.line}, cacheToRequires, GitHubCache{URL: "u", Token: "t"})
		if err != nil {
			t.Fatal(err)
		}
		ignoreWriteErrors(caches)
		if got := caches[0].Attrs["ignore-error"]; got != c.want {
			t.Errorf("%s: ignore-error = %q, want %q", c.line, got, c.want)
		}
	}
}
