package config

import (
	"cmp"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/distribution/reference"
)

// image returns what to deploy: an image that exists, or what to build one from. It returns nil if
// the inputs are wrong; the problem is then reported.
func (l *loader) image() Image {
	existing, archive := l.text("image"), l.text("image-archive")
	switch {
	case existing != "" && archive != "":
		l.addf("image-archive", "set only one of the two", "image names another image")
		return nil
	case archive != "":
		l.excludeBuild("image-archive")
		const then = "give the path of the file that docker save wrote, such as image.tar"
		return Archive{Path: l.file("image-archive", archive, then)}
	case existing != "":
		if _, err := reference.ParseNormalizedNamed(existing); err != nil {
			l.addf("image", "write it as for docker pull, preferably with its digest",
				"%s is not a valid image: %s", quote(existing), err)
		}
		l.excludeBuild("image")
		return Existing{Image: existing}
	}
	return l.build()
}

// excludeBuild reports inputs that say how to build an image, while another input names one.
func (l *loader) excludeBuild(given string) {
	for _, input := range []string{
		"context", "file", "target", "platforms", "build-args", "secrets", "cache-from", "cache-to", "provenance",
	} {
		if value := l.text(input); value != "" && value != defaultOf(input) {
			l.addf(input, "set only one of the two",
				"it says how to build an image, but %s names one that is built already", given)
		}
	}
}

// build returns what to build the image from, and checks that it is there.
func (l *loader) build() Image {
	context := l.text("context")
	if strings.Contains(context, "://") || strings.HasPrefix(context, "git@") {
		l.addf("context", "check out the repository and give a folder of it", "%s is not a folder", quote(context))
		return nil
	}
	b := Build{
		Context:    l.folder("context", context, "set context to the folder to build; actions/checkout must run before"),
		Target:     l.text("target"),
		Args:       l.entryValues("build-args"),
		Secrets:    map[string][]byte{},
		Provenance: l.text("provenance"),
	}
	if b.Context != "" {
		dockerfile := cmp.Or(l.text("file"), filepath.Join(context, "Dockerfile"))
		b.File = l.file("file", dockerfile, "set file to the Dockerfile, or context to the folder that holds it")
	}
	for id, value := range l.entryValues("secrets") {
		b.Secrets[id] = []byte(value)
	}
	b.CacheFrom, b.CacheTo = l.entries("cache-from"), l.entries("cache-to")
	for _, p := range words(l.text("platforms")) {
		if !platform.MatchString(p) {
			l.addf("platforms", "write OS/ARCHITECTURE, such as linux/arm64", "%s is not a valid platform", quote(p))
		}
		b.Platforms = append(b.Platforms, p)
	}
	if b.Provenance == "false" {
		b.Provenance = ""
	}
	if !provenance.MatchString(b.Provenance) {
		l.addf("provenance", "write true, false, mode=min or mode=max", "%s is not a valid choice", quote(b.Provenance))
	}
	return b
}

var (
	platform   = regexp.MustCompile(`^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$`)
	provenance = regexp.MustCompile(`^(true|mode=(min|max)(,.*)?|)$`)
)

func (l *loader) gitHubCache() GitHubCache {
	return GitHubCache{
		URL:   cmp.Or(l.environ["ACTIONS_RESULTS_URL"], l.environ["ACTIONS_CACHE_URL"]),
		Token: l.environ["ACTIONS_RUNTIME_TOKEN"],
	}
}

func (l *loader) entries(input string) []string {
	list, err := entries(l.values[input])
	if err != nil {
		l.addf(input, "write one entry a line", "%s", err)
	}
	for i, entry := range list {
		list[i] = strings.TrimSpace(entry)
	}
	return list
}

func (l *loader) entryValues(input string) map[string]string {
	values, err := entryValues(l.values[input])
	if err != nil {
		l.addf(input, "write one KEY=VALUE a line; put an entry of several lines in double quotes", "%s", err)
	}
	return values
}
