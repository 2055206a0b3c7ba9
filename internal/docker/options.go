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

// options translates a Build for BuildKit, after everything that can be wrong with it has been looked at.
func (d *Daemon) options(b Build, tag reference.Named) (buildkit.SolveOpt, error) {
	none := buildkit.SolveOpt{}
	if err := b.checkFiles(); err != nil {
		return none, err
	}
	if err := b.checkProvenance(); err != nil {
		return none, err
	}
	from, err := parseCaches("cache-from", b.CacheFrom, cacheFromNeeds, d.GitHubCache)
	if err != nil {
		return none, err
	}
	to, err := parseCaches("cache-to", b.CacheTo, cacheToNeeds, d.GitHubCache)
	if err != nil {
		return none, err
	}
	if err := d.ability.refuse(b, from, to); err != nil {
		return none, err
	}
	expendable(to)

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
		SharedKey:     tag.Name(), // of two builds of one repository, the second sends only what changed
		Session:       []session.Attachable{&keyring{daemon: d, host: reference.Domain(tag)}, secretsprovider.FromMap(b.Secrets)},
		CacheImports:  readable(from),
		CacheExports:  to,
		Exports:       []buildkit.ExportEntry{d.ability.export(tag)},
	}, nil
}

// attributes are the Dockerfile frontend's: https://docs.docker.com/reference/cli/docker/buildx/build/ has the meaning,
// frontend/dockerui/config.go in BuildKit the names.
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
	for name, value := range b.Labels {
		attributes["label:"+name] = value
	}
	if attribute, wanted := b.provenance(); wanted {
		attributes["attest:provenance"] = attribute
	}
	return attributes
}

// export tells BuildKit where the image goes: to the registry, or into the Engine's store for the Engine to push.
func (a ability) export(tag reference.Named) buildkit.ExportEntry {
	if a.containerd {
		return buildkit.ExportEntry{Type: buildkit.ExporterImage, Attrs: map[string]string{"name": tag.String(), "push": "true"}}
	}
	return buildkit.ExportEntry{Type: "moby", Attrs: map[string]string{"name": tag.String()}}
}
