package docker

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/distribution/reference"
	buildkit "github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/tonistiigi/fsutil"
)

// options checks a Build and returns it as options for BuildKit.
func (d *Daemon) options(b Build, tag reference.Named) (buildkit.SolveOpt, error) {
	none := buildkit.SolveOpt{}
	if err := b.checkFiles(); err != nil {
		return none, err
	}
	if err := b.checkProvenance(); err != nil {
		return none, err
	}
	from, err := parseCaches("cache-from", b.CacheFrom, cacheFromRequires, d.GitHubCache)
	if err != nil {
		return none, err
	}
	to, err := parseCaches("cache-to", b.CacheTo, cacheToRequires, d.GitHubCache)
	if err != nil {
		return none, err
	}
	if err := d.features.check(b, from, to); err != nil {
		return none, err
	}
	ignoreWriteErrors(to)

	context, err := fsutil.NewFS(b.Context)
	if err != nil {
		return none, fmt.Errorf("build: read context %s: %w", b.Context, err)
	}
	dockerfile, err := fsutil.NewFS(filepath.Dir(b.File))
	if err != nil {
		return none, fmt.Errorf("build: read %s: %w", filepath.Dir(b.File), err)
	}
	return buildkit.SolveOpt{
		Frontend:      "dockerfile.v0",
		FrontendAttrs: b.attributes(),
		LocalMounts:   map[string]fsutil.FS{"context": context, "dockerfile": dockerfile},
		SharedKey:     tag.Name(), // a repository's next build sends only the files that changed
		Session: []session.Attachable{
			&authProvider{daemon: d, host: reference.Domain(tag)},
			secretsprovider.FromMap(b.Secrets),
		},
		CacheImports: existing(from),
		CacheExports: to,
		Exports:      []buildkit.ExportEntry{d.features.export(tag)},
	}, nil
}

// attributes returns the attributes of the Dockerfile frontend. Their names are in BuildKit's
// frontend/dockerui/config.go, and their meaning is documented for buildx:
// https://docs.docker.com/reference/cli/docker/buildx/build/
func (b Build) attributes() map[string]string {
	attributes := map[string]string{"filename": filepath.Base(b.File)}
	if b.Target != "" {
		attributes["target"] = b.Target
	}
	if len(b.Platforms) > 0 {
		attributes["platform"] = strings.Join(b.Platforms, ",")
	}
	for name, value := range b.Args {
		attributes["build-arg:"+name] = value
	}
	if attribute, wanted := b.provenance(); wanted {
		attributes["attest:provenance"] = attribute
	}
	return attributes
}

// export returns where BuildKit puts the image: into the registry, or into the Engine's store, from
// which the Engine pushes it.
func (f features) export(tag reference.Named) buildkit.ExportEntry {
	if f.containerd {
		return buildkit.ExportEntry{
			Type:  buildkit.ExporterImage,
			Attrs: map[string]string{"name": tag.String(), "push": "true"},
		}
	}
	return buildkit.ExportEntry{Type: "moby", Attrs: map[string]string{"name": tag.String()}}
}
