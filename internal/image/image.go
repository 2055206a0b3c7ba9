// Package image makes sure that the image to deploy is in a registry, and names it by its digest: it
// uses one that is in ECR already, pushes one that was built elsewhere, or builds it. The caller
// decides which image to deploy, and who may build it.
package image

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"pr-stack/internal/archive"
	"pr-stack/internal/docker"
	"pr-stack/internal/ecr"
	"pr-stack/internal/registry"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// Ref names an image. Its zero value names no image.
type Ref struct {
	Name   string // host/repository, or as the user wrote it, without the digest
	Digest string // sha256:…; "" if the user's name has none
}

// Parse returns the image that a user named.
func Parse(name string) Ref {
	name, digest, _ := strings.Cut(name, "@")
	return Ref{Name: name, Digest: digest}
}

// String returns the name by which the image is deployed: name@digest if there is a digest. Tags are
// only for people to read.
func (r Ref) String() string {
	if r.Digest == "" {
		return r.Name
	}
	return r.Name + "@" + r.Digest
}

// Source pushes an image that is not in ECR yet, and returns the image's digest. Archive and Build
// return a Source.
type Source func(ctx context.Context, s Store, part *timeline.Part, tagged string) (digest string, err error)

// Store is the ECR repository that an environment's images are in.
type Store struct {
	API       *awsecr.Client
	Name      string // of the repository
	Log       *runner.Log
	Transport http.RoundTripper // to the registry, for an Archive; nil is the default one
}

func (s Store) repository() ecr.Repository { return ecr.Repository{API: s.API, Name: s.Name} }

// Delete removes each tag that match accepts, and returns how many tags it removed. An image is
// deleted with its last tag.
func (s Store) Delete(ctx context.Context, match func(tag string) bool) (deleted int, err error) {
	return s.repository().Delete(ctx, match)
}

// Resolve returns the image to deploy. The argument known is the image that source would make, or the
// zero Ref if the caller knows of none. It is used if it is in this repository, by its digest;
// otherwise source pushes an image and gives it the tag. An image is never looked up by a tag: whoever
// may push can give any image any tag. The part's note says what was done.
func (s Store) Resolve(ctx context.Context, part *timeline.Part, known Ref, tag string, source Source) (Ref, error) {
	uri, err := s.repository().URI(ctx)
	if err != nil {
		return Ref{}, err
	}
	if known.Name == uri && known.Digest != "" {
		found, err := s.repository().Has(ctx, known.Digest)
		if err != nil {
			return Ref{}, err
		}
		if found {
			s.Log.Line("  %s is used again: the stack has it for this commit, built from the same inputs", known)
			part.Note("used again")
			return known, nil
		}
	}
	digest, err := source(ctx, s, part, uri+":"+tag)
	if err != nil {
		return Ref{}, err
	}
	part.Note("pushed " + tag)
	return Ref{Name: uri, Digest: digest}, nil
}

// Archive returns the source of an image that was built elsewhere. The image is in a file in the
// format of docker save.
func Archive(path string) Source {
	return func(ctx context.Context, s Store, _ *timeline.Part, tagged string) (string, error) {
		login, err := s.login()(ctx)
		if err != nil {
			return "", err
		}
		s.Log.Line("  pushing %s as %s", filepath.Base(path), tagged)
		return archive.Push{Tag: tagged, Username: login.Username, Password: login.Password, Transport: s.Transport}.Push(ctx, path)
	}
}

// Options is what to build an image from, and Cache what Docker's cache of type gha needs.
type (
	Options = docker.Build
	Cache   = docker.GitHubCache
)

// Build returns the source of an image that is built by the Docker daemon at host; "" is Docker's own
// default.
func Build(options Options, host string, cache Cache) Source {
	return func(ctx context.Context, s Store, part *timeline.Part, tagged string) (string, error) {
		daemon, err := docker.Connect(ctx, host)
		if err != nil {
			return "", err
		}
		defer daemon.Close()
		login := s.login()
		if _, err := login(ctx); err != nil {
			return "", err
		}
		progress := s.Log.StopCommands()
		defer progress.Close()
		daemon.Progress = progress
		daemon.Redact = s.Log.Redact
		daemon.OnStep = func(step docker.Step) {
			name := strings.TrimSuffix(step.Name, " "+tagged)
			part.Add(timeline.Bar{Section: "Image", Name: name, Begin: step.Begin, End: step.End})
		}
		daemon.GitHubCache = cache
		daemon.Credentials = login
		return daemon.BuildAndPush(ctx, options, tagged)
	}
}

// Examine describes the Docker daemon at host, and says in its error why it could not build an image. It
// builds nothing.
func Examine(ctx context.Context, options Options, host string, cache Cache) (string, error) {
	return docker.Examine(ctx, host, options, cache)
}

// Architectures returns the processors that an image is for: amd64, arm64. Another registry than this
// account's is asked without a login.
func (s Store) Architectures(ctx context.Context, ref Ref) ([]string, error) {
	asked := registry.Image{Name: ref.String(), Transport: s.Transport}
	login, err := s.login()(ctx)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(ref.Name, login.Host+"/") {
		asked.Username, asked.Password = login.Username, login.Password
	}
	return asked.Architectures(ctx)
}

// A login is renewed this long before it expires.
const renewBefore = 10 * time.Minute

// login returns a function that returns the login to the repository: the same one until it is about
// to expire.
func (s Store) login() func(context.Context) (docker.Credentials, error) {
	var held ecr.Login
	return func(ctx context.Context) (docker.Credentials, error) {
		if time.Until(held.Expires) < renewBefore {
			fresh, err := s.repository().Login(ctx)
			if err != nil {
				return docker.Credentials{}, err
			}
			s.Log.Mask(fresh.Password)
			held = fresh
		}
		return docker.Credentials{Host: held.Host, Username: held.Username, Password: held.Password}, nil
	}
}
