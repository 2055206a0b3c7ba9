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
		{"a reference alone is a registry's", []string{"host/app:cache"},
			[]cache{{Type: "registry", Attrs: map[string]string{"ref": "host/app:cache"}}}},
		{"registry", []string{"type=registry,ref=host/app:cache,mode=max"},
			[]cache{{Type: "registry", Attrs: map[string]string{"ref": "host/app:cache", "mode": "max"}}}},
		{"quotes keep a comma", []string{`type=local,"src=/tmp/a,b"`},
			[]cache{{Type: "local", Attrs: map[string]string{"src": "/tmp/a,b"}}}},
		{"keys in any case, values as they are", []string{"TYPE=registry, Ref=host/app:V1=x"},
			[]cache{{Type: "registry", Attrs: map[string]string{"ref": "host/app:V1=x"}}}},
		{"GitHub's gets the runner's address and token", []string{"type=gha,scope=main"},
			[]cache{{Type: "gha", Attrs: map[string]string{"scope": "main", "url": github.URL, "token": github.Token}}}},
		{"GitHub's keeps what it says itself", []string{"type=gha,url=https://own/,token=t"},
			[]cache{{Type: "gha", Attrs: map[string]string{"url": "https://own/", "token": "t"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseCaches("cache-from", c.lines, cacheFromNeeds, github)
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("parseCaches(%q) = error %v, (-want +got)\n%s", c.lines, err, diff)
			}
		})
	}
}

func TestParseCachesRefuses(t *testing.T) {
	for _, c := range []struct{ line, want, hint string }{
		{"type=s3,bucket=b", `build: cache-to: cache type "s3" is not supported`, "type=inline"},
		{"ref=host/app:cache", `type is missing`, "type=registry,ref="},
		{"type=registry", `ref is missing`, "add ref="},
		{"type=local,src=/a", `dest is missing`, "add dest="},
		{"type=registry,max", `"max" is not KEY=VALUE`, "type=registry,ref="},
		{`type=registry,"ref=x`, `build: cache-to: `, "type=registry,ref="},
		{"type=gha", `there is no GitHub Actions cache here`, "type=registry"},
	} {
		_, err := parseCaches("cache-to", []string{c.line}, cacheToNeeds, GitHubCache{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(hintOf(err), c.hint) {
			t.Errorf("parseCaches(%q) = %v, hint %q, want %s, hint %s", c.line, err, hintOf(err), c.want, c.hint)
		}
	}
}

func TestAbsentLocalCacheIsPassedOver(t *testing.T) {
	there := cache{Type: "local", Attrs: map[string]string{"src": t.TempDir()}}
	absent := cache{Type: "local", Attrs: map[string]string{"src": filepath.Join(t.TempDir(), "absent")}}
	registry := cache{Type: "registry", Attrs: map[string]string{"ref": "host/app:cache"}}

	got := readable([]cache{absent, there, registry})
	if diff := cmp.Diff([]cache{there, registry}, got); diff != "" {
		t.Errorf("readable (-want +got)\n%s", diff)
	}
}

func TestCacheThatCannotBeWrittenDoesNoHarm(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"type=registry,ref=a/b:c", "true"},
		{"type=registry,ref=a/b:c,ignore-error=false", "false"},
		{"type=gha,url=u,token=t", "true"},
		{"type=inline", ""}, // part of the image, it has no error of its own
	} {
		caches, err := parseCaches("cache-to", []string{c.line}, cacheToNeeds, GitHubCache{URL: "u", Token: "t"})
		if err != nil {
			t.Fatal(err)
		}
		expendable(caches)
		if got := caches[0].Attrs["ignore-error"]; got != c.want {
			t.Errorf("%s: ignore-error = %q, want %q", c.line, got, c.want)
		}
	}
}
