package docker

import (
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	buildkit "github.com/moby/buildkit/client"
)

// GitHubCache is how BuildKit reaches the cache that GitHub keeps for a repository. The runner gives both to an action.
type GitHubCache struct {
	URL   string // ACTIONS_RESULTS_URL, or ACTIONS_CACHE_URL on older servers
	Token string // ACTIONS_RUNTIME_TOKEN
}

// cache is one place to take build results from, or to put them.
type cache = buildkit.CacheOptionsEntry

// What each type of cache cannot do without.
var (
	cacheFromNeeds = map[string]string{"registry": "ref", "local": "src", "gha": ""}
	cacheToNeeds   = map[string]string{"registry": "ref", "local": "dest", "gha": "", "inline": ""}
)

// parseCaches reads cache-from or cache-to as buildx writes them: "type=registry,ref=host/repo:tag", one comma-separated
// line each. A line without any "=" is the reference of a registry cache.
// https://docs.docker.com/build/cache/backends/
func parseCaches(option string, lines []string, needs map[string]string, github GitHubCache) ([]cache, error) {
	var caches []cache
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		c, err := parseCache(line)
		if err != nil {
			return nil, refused(option, fmt.Sprintf("%q: %v", line, err), fmt.Sprintf("write %s as type=registry,ref=…", option))
		}
		need, known := needs[c.Type]
		if !known {
			return nil, refused(option, fmt.Sprintf("cache type %q is not supported", c.Type),
				"use type="+strings.Join(slices.Sorted(maps.Keys(needs)), ", type="))
		}
		if need != "" && c.Attrs[need] == "" {
			return nil, refused(option, fmt.Sprintf("%q: %s is missing", line, need), fmt.Sprintf("add %s=…", need))
		}
		if c.Type == "gha" {
			if github.URL == "" || github.Token == "" {
				return nil, refused(option, "type=gha: there is no GitHub Actions cache here", "type=gha works in a GitHub Actions job alone; use type=registry elsewhere")
			}
			setDefault(c.Attrs, "url", github.URL)
			setDefault(c.Attrs, "token", github.Token)
		}
		caches = append(caches, c)
	}
	return caches, nil
}

func parseCache(line string) (cache, error) {
	fields, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil {
		return cache{}, err
	}
	c := cache{Attrs: map[string]string{}}
	if len(fields) == 1 && !strings.Contains(fields[0], "=") {
		c.Type, c.Attrs["ref"] = "registry", strings.TrimSpace(fields[0])
		return c, nil
	}
	for _, field := range fields {
		key, value, ok := strings.Cut(field, "=")
		if !ok {
			return cache{}, fmt.Errorf("%q is not KEY=VALUE", field)
		}
		switch key = strings.ToLower(strings.TrimSpace(key)); key {
		case "type":
			c.Type = value
		default:
			c.Attrs[key] = value
		}
	}
	if c.Type == "" {
		return cache{}, fmt.Errorf("type is missing")
	}
	return c, nil
}

// readable leaves out the local caches that do not exist yet: the first run of all has none, and that is no error.
func readable(caches []cache) []cache {
	return slices.DeleteFunc(slices.Clone(caches), func(c cache) bool {
		if c.Type != "local" {
			return false
		}
		_, err := os.Stat(c.Attrs["src"])
		return err != nil
	})
}

// expendable lets a build succeed although its cache could not be written.
func expendable(caches []cache) {
	for _, c := range caches {
		if c.Type == "registry" || c.Type == "gha" {
			setDefault(c.Attrs, "ignore-error", "true")
		}
	}
}

func setDefault(attrs map[string]string, key, value string) {
	if attrs[key] == "" {
		attrs[key] = value
	}
}
