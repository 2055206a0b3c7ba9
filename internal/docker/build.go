package docker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/distribution/reference"
	buildkit "github.com/moby/buildkit/client"

	"pr-stack/internal/hint"
)

// Build says what to build, with the options of docker/build-push-action. Only Context must be set; a
// zero value leaves the choice to BuildKit. BuildKit reads <File>.dockerignore, or else the
// .dockerignore in Context.
type Build struct {
	Context    string            // a directory
	File       string            // the Dockerfile; "": Dockerfile in Context
	Target     string            // the stage to build; "": the last one
	Platforms  []string          // none: the daemon's own
	Args       map[string]string // some have a meaning in BuildKit, such as SOURCE_DATE_EPOCH
	Secrets    map[string][]byte // by id
	CacheFrom  []string          // type=registry,ref=…; one that does not exist yet is skipped
	CacheTo    []string          // a failed write to registry or gha is no error, unless ignore-error=false
	Provenance string            // "" or false: none; true, mode=min, mode=max: the digest is then an index's
}

// BuildAndPush builds the image, pushes it to tag, host/repository:tag, and returns its digest in
// the registry, sha256:…, of the manifest or of the index. The daemon keeps the image too, as after
// docker build. When ctx is done the build stops, and the error is the cause of ctx; the Daemon
// cannot be used after that. If the user can fix an error, it is a *hint.Error.
func (d *Daemon) BuildAndPush(ctx context.Context, b Build, tag string) (string, error) {
	digest, err := d.buildAndPush(ctx, b, tag)
	if err != nil && ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return digest, err
}

func (d *Daemon) buildAndPush(ctx context.Context, b Build, tag string) (string, error) {
	ref, err := parseTag(tag)
	if err != nil {
		return "", err
	}
	if b.File == "" {
		b.File = filepath.Join(b.Context, "Dockerfile")
	}
	opts, err := d.options(b, ref)
	if err != nil {
		return "", err
	}

	// It is better to fail now than after a long build. The result is not kept, because it may have
	// expired by the time of the push.
	if _, err := d.credentials(ctx, reference.Domain(ref)); err != nil {
		return "", err
	}

	log := newProgress(d.Progress, d.Redact)
	log.onStep = d.OnStep
	response, err := d.solve(ctx, opts, log)
	if err != nil {
		return "", b.explain(err, tag, log)
	}
	if d.features.containerd {
		return response.ExporterResponse["containerimage.digest"], nil
	}

	var digest string
	err = log.run("push "+tag, func() error {
		digest, err = d.push(ctx, ref)
		return err
	})
	if err != nil {
		return "", explainPush(err, tag, log)
	}
	return digest, nil
}

// solve runs the build. When ctx is done, solve closes the connection to a daemon that does not stop
// within the grace period: BuildKit's client would wait for five seconds, and the runner gives the
// whole job ten.
func (d *Daemon) solve(ctx context.Context, opts buildkit.SolveOpt, log *progress) (*buildkit.SolveResponse, error) {
	const grace = 500 * time.Millisecond
	statuses := make(chan *buildkit.SolveStatus)
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		log.follow(statuses)
	}()
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-shown:
		case <-time.After(grace):
			_ = d.buildkit.Close()
		}
	})
	defer stop()

	response, err := d.buildkit.Solve(ctx, nil, opts, statuses)
	<-shown
	return response, err
}

// parseTag parses host/repository:tag. It requires a tag: the default tag, latest, is never wanted.
func parseTag(tag string) (reference.Named, error) {
	named, err := reference.ParseNormalizedNamed(tag)
	if err != nil {
		return nil, fmt.Errorf("build: tag %q: %w", tag, err)
	}
	if _, tagged := named.(reference.Tagged); !tagged {
		return nil, fmt.Errorf("build: tag %q: it must end in :tag", tag)
	}
	return named, nil
}

func (b Build) checkFiles() error {
	if info, err := os.Stat(b.Context); err != nil || !info.IsDir() {
		return &hint.Error{
			Message: "build: context is not a directory: " + b.Context,
			Hint:    "set context to the directory with the files that the Dockerfile copies, and check the code out first",
			Cause:   err,
		}
	}
	if info, err := os.Stat(b.File); err != nil || info.IsDir() {
		return &hint.Error{
			Message: "build: Dockerfile not found: " + b.File,
			Hint:    "set file to the Dockerfile's path, or context to its directory, and check the code out first",
			Cause:   err,
		}
	}
	return nil
}
