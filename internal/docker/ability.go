package docker

import (
	"context"
	"fmt"
	"slices"

	"github.com/containerd/platforms"
	buildkit "github.com/moby/buildkit/client"
	"github.com/moby/buildkit/worker/label"
	engine "github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// ability is what a daemon can do, and how it is called in a message.
type ability struct {
	version    string // of the Engine: 20.10.24
	store      string // overlay2, or the containerd snapshotter's name
	containerd bool   // the containerd image store is in use
	platforms  []ocispec.Platform
}

// abilities asks once.
func (d *Daemon) abilities(ctx context.Context) (ability, error) {
	workers, err := d.buildkit.ListWorkers(ctx)
	if err != nil {
		return ability{}, err
	}
	info, err := d.engine.Info(ctx, engine.InfoOptions{})
	if err != nil {
		return ability{}, err
	}
	return abilityOf(info.Info.ServerVersion, info.Info.Driver, workers), nil
}

// abilityOf tells the kinds of daemon apart: a worker that names its snapshotter is one of the containerd image store.
// The Engine's version tells nothing, since either store can be set in any recent one.
// https://github.com/moby/moby/blob/v28.5.2/builder/builder-next/controller.go
func abilityOf(version, driver string, workers []*buildkit.WorkerInfo) ability {
	a := ability{version: version, store: driver}
	for _, w := range workers {
		a.platforms = append(a.platforms, w.Platforms...)
		if snapshotter := w.Labels[label.Snapshotter]; snapshotter != "" {
			a.containerd, a.store = true, snapshotter
		}
	}
	return a
}

func (a ability) String() string {
	if a.containerd {
		return fmt.Sprintf("%s, containerd image store", a.version)
	}
	return fmt.Sprintf("%s, graph driver %s", a.version, a.store)
}

// refuse returns an error for the first option that the daemon could not do or, worse, would ignore.
func (a ability) refuse(b Build, from, to []cache) error {
	for _, platform := range b.Platforms {
		p, err := platforms.Parse(platform)
		if err != nil {
			return refused("platforms", fmt.Sprintf("%q is no platform", platform), "write platforms as linux/amd64 or linux/arm64")
		}
		// Another architecture is fine as long as no RUN needs it; another operating system never is.
		runs := func(have ocispec.Platform) bool { return have.OS == p.OS }
		if len(a.platforms) > 0 && !slices.ContainsFunc(a.platforms, runs) {
			return refused("platforms", fmt.Sprintf("this Docker daemon (%s) cannot build for %s", a, platform),
				"set platforms to "+platforms.Format(a.platforms[0]))
		}
	}
	if a.containerd {
		return nil
	}

	const useContainerd = ", or turn on the daemon's containerd image store (features.containerd-snapshotter in daemon.json)"
	if _, wanted := b.provenance(); wanted {
		return refused("provenance", fmt.Sprintf("this Docker daemon (%s) ignores it", a), "set provenance to false"+useContainerd)
	}
	if len(b.Platforms) > 1 {
		return refused("platforms", fmt.Sprintf("this Docker daemon (%s) builds for one platform at a time", a),
			"name one platform"+useContainerd)
	}
	for _, c := range from {
		if c.Type != "registry" && c.Type != "local" {
			return refused("cache-from", fmt.Sprintf("this Docker daemon (%s) cannot read a cache of type %s", a, c.Type),
				"use type=registry"+useContainerd)
		}
	}
	for _, c := range to {
		if c.Type != "inline" {
			return refused("cache-to", fmt.Sprintf("this Docker daemon (%s) cannot write a cache of type %s", a, c.Type),
				"use type=inline"+useContainerd)
		}
	}
	return nil
}
