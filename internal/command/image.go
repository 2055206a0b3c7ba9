package command

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"pr-stack/internal/archive"
	"pr-stack/internal/docker"
	"pr-stack/internal/ecr"
	"pr-stack/internal/environment"
	"pr-stack/internal/report"
)

// image is what the stack is to run.
type image struct {
	ref    string // host/repository@sha256:…, or what the user named
	digest string // sha256:…; "" if the user's reference has none
}

// image builds and pushes the commit's image, unless it was built before or the user has one.
func (e *edges) image(ctx context.Context, boundary map[string]string, phases *phases) (image, error) {
	if ref := e.config.Image; ref != "" {
		_, digest, _ := strings.Cut(ref, "@")
		return image{ref: ref, digest: digest}, nil
	}
	repository, err := e.repository(boundary)
	if err != nil {
		return image{}, err
	}
	var built image
	name := "Build and push the image"
	if e.config.ImageArchive != "" {
		name = "Push the image"
	}
	err = phases.run("Image", name, func() (note string, err error) {
		built, note, err = e.build(ctx, repository)
		return note, err
	})
	return built, err
}

// repository is the one that the environment's images are in.
func (e *edges) repository(boundary map[string]string) (ecr.Repository, error) {
	name := e.config.ECRRepository
	if name == "" {
		name = boundary["RepositoryName"]
	}
	if name == "" {
		return ecr.Repository{}, &explained{
			message: fmt.Sprintf("find the ECR repository: base stack %s has no output RepositoryName", e.config.BaseStack),
			hint:    "set ecr-repository, or give the base stack that output",
		}
	}
	return ecr.Repository{API: e.ecr, Name: name}, nil
}

// tags are those of the environment's images. A repository that the base stack made for this service alone is its own;
// any other may hold more than one service.
func (e *edges) tags() environment.ImageTags { return e.tagsOf(e.config.Environment) }

func (e *edges) tagsOf(env environment.Environment) environment.ImageTags {
	shared := e.config.ECRRepository != "" || e.config.BaseStack != environment.BaseStackName(e.config.Environment.Service)
	if shared {
		return env.SharedImageTags()
	}
	return env.ImageTags()
}

func (e *edges) build(ctx context.Context, repository ecr.Repository) (built image, note string, err error) {
	uri, err := repository.URI(ctx)
	if err != nil {
		return image{}, "", err
	}
	tag := e.tags().For(e.config.Commit)
	ref := uri + ":" + tag
	digest, err := repository.Digest(ctx, tag)
	if err != nil {
		return image{}, "", err
	}
	if digest != "" {
		e.log.line("  %s is in ECR already", ref)
		return image{ref: uri + "@" + digest, digest: digest}, "found in ECR", nil
	}
	if e.config.ImageArchive != "" {
		digest, err = e.pushArchive(ctx, repository, ref)
		return image{ref: uri + "@" + digest, digest: digest}, "pushed " + tag, err
	}

	daemon, err := docker.Connect(ctx, e.config.DockerHost)
	if err != nil {
		return image{}, "", err
	}
	defer daemon.Close()
	login := e.login(repository)
	if _, err := login(ctx); err != nil {
		return image{}, "", err
	}
	progress := e.log.quote()
	defer progress.Close()
	daemon.Progress = progress
	daemon.OnStep = func(s docker.Step) {
		e.times.add(report.Bar{Section: "Image", Name: strings.TrimSuffix(s.Name, " "+ref), Begin: s.Begin, End: s.End})
	}
	daemon.GitHubCache = docker.GitHubCache(e.config.GitHubCache)
	daemon.Credentials = login
	daemon.Redact = e.log.conceal
	digest, err = daemon.BuildAndPush(ctx, docker.Build(e.config.Build), ref)
	if err != nil {
		return image{}, "", err
	}
	return image{ref: uri + "@" + digest, digest: digest}, "pushed " + tag, nil
}

// pushArchive pushes what was built elsewhere.
func (e *edges) pushArchive(ctx context.Context, repository ecr.Repository, ref string) (digest string, err error) {
	login, err := e.login(repository)(ctx)
	if err != nil {
		return "", err
	}
	e.log.line("  pushing %s as %s", filepath.Base(e.config.ImageArchive), ref)
	return archive.Push{Tag: ref, Username: login.Username, Password: login.Password, Transport: e.http}.Push(ctx, e.config.ImageArchive)
}

// login returns what tells Docker the login to a repository: the same one until it is about to expire.
func (e *edges) login(repository ecr.Repository) func(context.Context) (docker.Credentials, error) {
	var held ecr.Login
	return func(ctx context.Context) (docker.Credentials, error) {
		if time.Until(held.Expires) < 10*time.Minute {
			fresh, err := repository.Login(ctx)
			if err != nil {
				return docker.Credentials{}, err
			}
			e.log.mask(fresh.Password)
			held = fresh
		}
		return docker.Credentials{Host: held.Host, Username: held.Username, Password: held.Password}, nil
	}
}
