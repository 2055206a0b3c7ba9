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

// features are what a daemon supports. String names the daemon in a message.
type features struct {
	version    string // of the Engine, such as 20.10.24
	store      string // overlay2, or the containerd snapshotter's name
	containerd bool   // it uses the containerd image store
	platforms  []ocispec.Platform
}

func (d *Daemon) detectFeatures(ctx context.Context) (features, error) {
	workers, err := d.buildkit.ListWorkers(ctx)
	if err != nil {
		return features{}, err
	}
	info, err := d.engine.Info(ctx, engine.InfoOptions{})
	if err != nil {
		return features{}, err
	}
	return featuresOf(info.Info.ServerVersion, info.Info.Driver, workers), nil
}

// featuresOf distinguishes the kinds of daemon: a worker whose labels name a snapshotter uses the
// containerd image store. The Engine's version does not help, because any recent one can use either.
// https://github.com/moby/moby/blob/v28.5.2/builder/builder-next/controller.go
func featuresOf(version, driver string, workers []*buildkit.WorkerInfo) features {
	f := features{version: version, store: driver}
	for _, w := range workers {
		f.platforms = append(f.platforms, w.Platforms...)
		if snapshotter := w.Labels[label.Snapshotter]; snapshotter != "" {
			f.containerd, f.store = true, snapshotter
		}
	}
	return f
}

func (f features) String() string {
	if f.containerd {
		return fmt.Sprintf("%s, containerd image store", f.version)
	}
	return fmt.Sprintf("%s, graph driver %s", f.version, f.store)
}

// check returns an error for the first option that the daemon does not support or, worse, would
// ignore.
func (f features) check(b Build, from, to []cache) error {
	if err := f.checkPlatforms(b); err != nil {
		return err
	}
	if f.containerd {
		return nil
	}

	const orUseContainerd = ", or turn on the daemon's containerd image store " +
		"(features.containerd-snapshotter in daemon.json)"
	if _, wanted := b.provenance(); wanted {
		return invalid("provenance", fmt.Sprintf("this Docker daemon (%s) ignores it", f),
			"set provenance to false"+orUseContainerd)
	}
	if len(b.Platforms) > 1 {
		return invalid("platforms", fmt.Sprintf("this Docker daemon (%s) builds for one platform at a time", f),
			"name one platform"+orUseContainerd)
	}
	for _, c := range from {
		if c.Type != "registry" && c.Type != "local" {
			return invalid("cache-from", fmt.Sprintf("this Docker daemon (%s) cannot read a cache of type %s", f, c.Type),
				"use type=registry"+orUseContainerd)
		}
	}
	for _, c := range to {
		if c.Type != "inline" {
			return invalid("cache-to", fmt.Sprintf("this Docker daemon (%s) cannot write a cache of type %s", f, c.Type),
				"use type=inline"+orUseContainerd)
		}
	}
	return nil
}

// checkPlatforms allows another architecture, because a build may cross-compile and run nothing. It
// does not allow another operating system, if the daemon reports its platforms.
func (f features) checkPlatforms(b Build) error {
	for _, platform := range b.Platforms {
		p, err := platforms.Parse(platform)
		if err != nil {
			return invalid("platforms", fmt.Sprintf("%q is not a valid platform", platform),
				"write platforms as linux/amd64 or linux/arm64")
		}
		sameSystem := func(have ocispec.Platform) bool { return have.OS == p.OS }
		if len(f.platforms) > 0 && !slices.ContainsFunc(f.platforms, sameSystem) {
			return invalid("platforms", fmt.Sprintf("this Docker daemon (%s) cannot build for %s", f, platform),
				"set platforms to "+platforms.Format(f.platforms[0]))
		}
	}
	return nil
}
