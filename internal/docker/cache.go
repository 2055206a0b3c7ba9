package docker

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	buildkit "github.com/moby/buildkit/client"
)

// GitHubCache is BuildKit's access to the cache that GitHub keeps for a repository. The runner
// gives an action both values.
type GitHubCache struct {
	URL   string // ACTIONS_RESULTS_URL, or ACTIONS_CACHE_URL on older servers
	Token string // ACTIONS_RUNTIME_TOKEN
}

// cache is a place to read build results from or to write them to.
type cache = buildkit.CacheOptionsEntry

// The attribute that each type of cache requires.
var (
	cacheFromRequires = map[string]string{"registry": "ref", "local": "src", "gha": ""}
	cacheToRequires   = map[string]string{"registry": "ref", "local": "dest", "gha": "", "inline": ""}
)

// parseCaches reads the lines of cache-from or cache-to in buildx's form, such as
// "type=registry,ref=host/repo:tag". A line without "=" is the reference of a registry cache.
// https://docs.docker.com/build/cache/backends/
func parseCaches(option string, lines []string, required map[string]string, github GitHubCache) ([]cache, error) {
	var caches []cache
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		c, err := parseCache(line)
		if err != nil {
			return nil, invalid(option, fmt.Sprintf("%q: %v", line, err),
				fmt.Sprintf("write %s as type=registry,ref=…", option))
		}
		attribute, known := required[c.Type]
		if !known {
			return nil, invalid(option, fmt.Sprintf("cache type %q is not supported", c.Type),
				"use type="+strings.Join(slices.Sorted(maps.Keys(required)), ", type="))
		}
		if attribute != "" && c.Attrs[attribute] == "" {
			return nil, invalid(option, fmt.Sprintf("%q: %s is missing", line, attribute),
				fmt.Sprintf("add %s=…", attribute))
		}
		if c.Type == "gha" {
			if github.URL == "" || github.Token == "" {
				return nil, invalid(option, "type=gha: there is no GitHub Actions cache here",
					"type=gha works only in a GitHub Actions job; use type=registry elsewhere")
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
		return cache{}, errors.New("type is missing")
	}
	return c, nil
}

// existing returns the caches without the local ones that do not exist yet. A local cache does not
// exist before the first run, which is not an error.
func existing(caches []cache) []cache {
	return slices.DeleteFunc(slices.Clone(caches), func(c cache) bool {
		if c.Type != "local" {
			return false
		}
		_, err := os.Stat(c.Attrs["src"])
		return err != nil
	})
}

// ignoreWriteErrors lets a build succeed if a cache cannot be written.
func ignoreWriteErrors(caches []cache) {
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
