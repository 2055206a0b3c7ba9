package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/platforms"
)

// Examine connects to the daemon at host, as Connect does, and describes it. It builds nothing. The error
// says why the daemon could not build b.
func Examine(ctx context.Context, host string, b Build, github GitHubCache) (string, error) {
	d, err := Connect(ctx, host)
	if err != nil {
		return "", err
	}
	defer func() { _ = d.Close() }()
	about := fmt.Sprintf("Docker %s, BuildKit", d.features)
	var names []string
	for _, p := range d.features.platforms {
		names = append(names, platforms.Format(p))
	}
	if len(names) > 0 {
		about += " for " + strings.Join(slices.Compact(names), ", ")
	}
	from, err := parseCaches("cache-from", b.CacheFrom, cacheFromRequires, github)
	if err != nil {
		return about, err
	}
	to, err := parseCaches("cache-to", b.CacheTo, cacheToRequires, github)
	if err != nil {
		return about, err
	}
	return about, d.features.check(b, from, to)
}
