package docker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/distribution/reference"
	buildkit "github.com/moby/buildkit/client"
)

// Build is what to build and where to push it, in the words of docker/build-push-action. Its zero values leave a thing
// to BuildKit; Context and Tag must be set. A .dockerignore counts: <File>.dockerignore, else the one in Context.
type Build struct {
	Context    string            // a directory
	File       string            // the Dockerfile; empty: Dockerfile in Context
	Target     string            // the stage to build; empty: the last one
	Platforms  []string          // empty: the daemon's own
	Args       map[string]string // BuildKit itself heeds some, such as SOURCE_DATE_EPOCH
	Secrets    map[string][]byte // by id; they are kept out of Progress and of errors
	CacheFrom  []string          // type=registry,ref=…; one that does not exist yet is passed over
	CacheTo    []string          // a cache that cannot be written does no harm, unless it says ignore-error=false
	Provenance string            // empty or false: none; true, mode=min, mode=max: the digest is then an index's
	Labels     map[string]string
	Tag        string // host/repository:tag
}

// BuildAndPush builds the image, pushes it to Tag and returns the digest that the registry has it under, sha256:…, of
// the manifest or of the index. The image stays in the daemon too, as docker build leaves it. When ctx ends, so does the
// build, and the error is its cause; the Daemon is of no more use then. Errors may have a Hint() string for the user.
func (d *Daemon) BuildAndPush(ctx context.Context, b Build) (string, error) {
	digest, err := d.buildAndPush(ctx, b)
	if err != nil && ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return digest, err
}

func (d *Daemon) buildAndPush(ctx context.Context, b Build) (string, error) {
	tag, err := b.reference()
	if err != nil {
		return "", err
	}
	if b.File == "" {
		b.File = filepath.Join(b.Context, "Dockerfile")
	}
	opts, err := d.options(b, tag)
	if err != nil {
		return "", err
	}

	// Better now than after a long build. The answer is not kept: it may have run out by then.
	if _, err := d.credentials(ctx, reference.Domain(tag)); err != nil {
		return "", err
	}

	log := newProgress(d.Progress, b.hidden(d.GitHubCache))
	log.onStep = d.OnStep
	response, err := d.solve(ctx, opts, log)
	if err != nil {
		return "", b.explain(err, log)
	}
	if d.ability.containerd {
		return response.ExporterResponse["containerimage.digest"], nil
	}

	var digest string
	err = log.watch("push "+b.Tag, func() error {
		digest, err = d.push(ctx, tag)
		return err
	})
	if err != nil {
		return "", b.explainPush(err, log)
	}
	return digest, nil
}

// solve builds. A daemon that says nothing gets no more than grace to say that it stopped: BuildKit's client alone would
// wait for five seconds, and the runner leaves ten to the whole job.
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

// reference is the Tag, which must name a tag: "latest" is nobody's wish here.
func (b Build) reference() (reference.Named, error) {
	named, err := reference.ParseNormalizedNamed(b.Tag)
	if err != nil {
		return nil, fmt.Errorf("build: tag %q: %w", b.Tag, err)
	}
	if _, tagged := named.(reference.Tagged); !tagged {
		return nil, fmt.Errorf("build: tag %q: it must end in :tag", b.Tag)
	}
	return named, nil
}

// hidden are the values that no line of output may hold.
func (b Build) hidden(github GitHubCache) []string {
	hidden := []string{github.Token}
	for _, value := range b.Secrets {
		hidden = append(hidden, string(value))
	}
	return hidden
}

func (b Build) checkFiles() error {
	if info, err := os.Stat(b.Context); err != nil || !info.IsDir() {
		return &hinted{
			message: "build: context is not a directory: " + b.Context,
			hint:    "set context to the directory that holds what the Dockerfile copies, and check the code out first",
			cause:   err,
		}
	}
	if info, err := os.Stat(b.File); err != nil || info.IsDir() {
		return &hinted{
			message: "build: Dockerfile not found: " + b.File,
			hint:    "set file to the Dockerfile's path, or context to its directory, and check the code out first",
			cause:   err,
		}
	}
	return nil
}
