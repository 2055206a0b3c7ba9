package docker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

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
	Args       map[string]string // SOURCE_DATE_EPOCH among them makes timestamps repeatable
	Secrets    map[string][]byte // by id; they are kept out of Progress and of errors
	CacheFrom  []string          // type=registry,ref=…; one that does not exist yet is passed over
	CacheTo    []string          // a cache that cannot be written does no harm, unless it says ignore-error=false
	Provenance string            // empty or false: none; true, mode=min, mode=max: the digest is then an index's
	Labels     map[string]string
	Tag        string // host/repository:tag
}

// BuildAndPush builds the image, pushes it to Tag and returns the digest that the registry has it under, sha256:…, of
// the manifest or of the index. The image stays in the daemon too, as docker build leaves it. When ctx ends, so does the
// build, and the error is its cause. Errors may have a Hint() string for the user.
func (d *Daemon) BuildAndPush(ctx context.Context, b Build) (string, error) {
	digest, err := d.buildAndPush(ctx, b)
	if err != nil && ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return digest, err
}

func (d *Daemon) buildAndPush(ctx context.Context, b Build) (string, error) {
	tag, err := reference.ParseNormalizedNamed(b.Tag)
	if err != nil {
		return "", fmt.Errorf("build: tag %q: %w", b.Tag, err)
	}
	if b.File == "" {
		b.File = filepath.Join(b.Context, "Dockerfile")
	}
	opts, err := d.options(b, tag)
	if err != nil {
		return "", err
	}

	log := newProgress(d.Progress, b.hidden(d.GitHubCache))
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
		return "", pushFailed(b.Tag, log.hide(err.Error()), err)
	}
	return digest, nil
}

// solve builds, and returns at once when ctx ends: the client alone would wait for the daemon to say good-bye.
func (d *Daemon) solve(ctx context.Context, opts buildkit.SolveOpt, log *progress) (*buildkit.SolveResponse, error) {
	statuses := make(chan *buildkit.SolveStatus)
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		log.follow(statuses)
	}()
	response, err := d.buildkit.Solve(ctx, nil, opts, statuses)
	<-shown
	return response, err
}

// provenance returns BuildKit's attribute for what the user asked for, and whether that is anything.
func (b Build) provenance() (attribute string, wanted bool) {
	if b.Provenance == "" {
		return "", false
	}
	if on, err := strconv.ParseBool(b.Provenance); err == nil {
		return "", on
	}
	return b.Provenance, true
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
