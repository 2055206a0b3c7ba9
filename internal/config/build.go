package config

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// image reads what the image is: one that exists, or what to build it from.
func (l *loader) image(c *Config) {
	c.Image = l.text("image")
	archive := l.text("image-archive")
	given := "image"
	switch {
	case c.Image != "" && archive != "":
		l.addf("image-archive", "leave out one of the two", "image names another image")
		return
	case archive != "":
		given = "image-archive"
		c.ImageArchive = l.path("image-archive", archive, false, "give the path of the file that docker save wrote, such as image.tar")
	case c.Image == "":
		l.build(c)
		return
	}
	if _, err := reference.ParseNormalizedNamed(c.Image); c.Image != "" && err != nil {
		l.addf("image", "write it as docker pull takes it, best with its digest", "%s is no image: %s", quote(c.Image), err)
	}
	for _, input := range []string{"context", "file", "target", "platforms", "build-args", "secrets", "cache-from", "cache-to", "provenance"} {
		if value := l.text(input); value != "" && value != standard(input) {
			l.addf(input, "leave out one of the two", "it says how to build, and %s names what is built already", given)
		}
	}
}

// build reads what to build the image from, and looks whether it is there.
func (l *loader) build(c *Config) {
	b := Build{Target: l.text("target"), Provenance: l.text("provenance"), Secrets: map[string][]byte{}}
	if strings.Contains(l.text("context"), "://") || strings.HasPrefix(l.text("context"), "git@") {
		l.addf("context", "check the repository out and give a folder of it", "%s is not a folder", quote(l.text("context")))
		return
	}
	b.Context = l.path("context", l.text("context"), true, "set context to the folder to build; actions/checkout must run before")
	dockerfile, named := filepath.Join(l.text("context"), "Dockerfile"), l.text("file")
	if named != "" {
		dockerfile = named
	}
	if b.Context != "" {
		b.File = l.path("file", dockerfile, false, "set file to the Dockerfile, or context to the folder that holds it")
	}

	b.Args = l.entryValues("build-args")
	for id, value := range l.entryValues("secrets") {
		b.Secrets[id] = []byte(value)
	}
	b.CacheFrom, b.CacheTo = l.entries("cache-from"), l.entries("cache-to")
	for _, p := range words(l.text("platforms")) {
		if !platform.MatchString(p) {
			l.addf("platforms", "write OS/ARCHITECTURE, such as linux/arm64", "%s is no platform", quote(p))
		}
		b.Platforms = append(b.Platforms, p)
	}
	if b.Provenance == "false" {
		b.Provenance = ""
	}
	if !provenance.MatchString(b.Provenance) {
		l.addf("provenance", "write true, false, mode=min or mode=max", "%s is none", quote(b.Provenance))
	}
	c.Build = b
}

var (
	platform   = regexp.MustCompile(`^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$`)
	provenance = regexp.MustCompile(`^(true|mode=(min|max)(,.*)?|)$`)
)

func (l *loader) template(c *Config) {
	name := l.text("template")
	switch name {
	case "fargate":
		c.Template.Name = name
	case "lambda":
		l.addf("template", "write fargate, or the path of a template of your own", "lambda is not there yet")
	default:
		c.Template.Path = l.path("template", name, false, "write fargate, or the path of a template in the repository")
	}
}

// path makes a path in the workspace absolute, with its links resolved. On GitHub it may not lead out of the workspace,
// since nothing else of the host is there to see; on a laptop it may lead anywhere.
func (l *loader) path(input, path string, folder bool, hint string) string {
	workspace := or(l.environ["GITHUB_WORKSPACE"], l.dir)
	absolute := path
	if !filepath.IsAbs(path) {
		absolute = filepath.Join(workspace, path)
	}
	real, err := filepath.EvalSymlinks(absolute)
	if l.onGitHub {
		root, rootErr := filepath.EvalSymlinks(workspace)
		if rootErr != nil {
			l.addf("GITHUB_WORKSPACE", "", "%s: %s", quote(workspace), reason(rootErr))
			return ""
		}
		if !within(workspace, absolute) && !within(root, absolute) || err == nil && !within(root, real) {
			l.addf(input, "give a path inside the repository", "%s leads out of the workspace", quote(path))
			return ""
		}
	}
	if err != nil {
		l.addf(input, hint, "%s: %s", quote(path), reason(err))
		return ""
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		l.addf(input, hint, "%s: %s", quote(path), reason(err))
	case folder && !info.IsDir():
		l.addf(input, hint, "%s is not a folder", quote(path))
	case !folder && !info.Mode().IsRegular():
		l.addf(input, hint, "%s is not a file", quote(path))
	default:
		return real
	}
	return ""
}

func within(root, path string) bool {
	relative, err := filepath.Rel(root, path)
	return err == nil && filepath.IsLocal(relative)
}

func (l *loader) entries(input string) []string {
	list, err := entries(l.given[input])
	if err != nil {
		l.addf(input, "write one entry a line", "%s", err)
	}
	for i, entry := range list {
		list[i] = strings.TrimSpace(entry)
	}
	return list
}

func (l *loader) entryValues(input string) map[string]string {
	values, err := entryValues(l.given[input])
	if err != nil {
		l.addf(input, "write one KEY=VALUE a line; put an entry of several lines in double quotes", "%s", err)
	}
	return values
}

func sortedKeys(values map[string]string) []string { return slices.Sorted(maps.Keys(values)) }
