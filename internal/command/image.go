package command

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/image"
	"pr-stack/internal/runner"
	"pr-stack/internal/template"
	"pr-stack/internal/timeline"
)

// resolveImage returns the commit's image, by its digest. existing is the environment's stack.
func resolveImage(
	ctx context.Context, job config.Deploy, base map[string]string, existing cfn.Stack, with deployClients,
) (image.Ref, error) {
	var source image.Source
	name := "Build and push the image"
	switch from := job.Image.(type) {
	case config.Existing:
		return image.Parse(from.Image), nil
	case config.Archive:
		source, name = image.Archive(from.Path), "Push the image"
	case config.Build:
		source = with.build(job, image.Options(from))
	}
	store := with.imageStore(job, base)
	if store.Name == "" {
		return image.Ref{}, hint.New("set ecr-repository, or give the base stack that output",
			"find the ECR repository: base stack %s has no output RepositoryName", job.BaseStack)
	}
	tag := imageTags(job.Environment, job.StackName, job.ECRRepository, job.BaseStack).For(job.Commit, unique(job))
	return runner.Phase(with.log, with.times, "Image", name, func(part *timeline.Part) (image.Ref, error) {
		return store.Resolve(ctx, part, imageOf(job, existing), tag, source)
	})
}

// imageStore returns the ECR repository of an environment's images: the one that an input names, or that of
// the base stack, whose outputs are as the environment gets them. Without either, its Name is "".
func (with deployClients) imageStore(job config.Deploy, base map[string]string) image.Store {
	return image.Store{
		API: with.registry, Name: cmp.Or(job.ECRRepository, base["RepositoryName"]), Log: with.log, Transport: with.transport,
	}
}

// build returns the source of an image that Docker builds.
func (with deployClients) build(job config.Deploy, options image.Options) image.Source {
	if with.docker == nil {
		return image.Build(options, job.DockerHost, image.Cache(job.GitHubCache))
	}
	return func(ctx context.Context, _ image.Store, _ *timeline.Part, tagged string) (string, error) {
		return with.docker(ctx, options, tagged)
	}
}

// imageOf returns the image that the environment's own stack says is of this job's commit and was
// built from the same inputs, or the zero Ref. existing is a stack whose owner was checked. Tags of
// images are not trusted: whoever may push an image can give it any tag.
//
// Permanent environments use no image again: if one role deploys them and previews, everyone who may
// push a branch could otherwise decide what production runs.
func imageOf(job config.Deploy, existing cfn.Stack) image.Ref {
	has := existing.Parameters
	if job.Environment.PullRequest == 0 || job.Commit == "" || job.BuildInputs == "" ||
		has[template.CommitParameter] != job.Commit || has[template.BuildInputsParameter] != job.BuildInputs {
		return image.Ref{}
	}
	return image.Parse(has[template.ImageParameter])
}

// unique returns hexadecimal digits that are different for each push.
func unique(job config.Deploy) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d",
		job.RunURL, job.RunAttempt, job.StackName, job.BuildInputs, time.Now().UnixNano()))
	return hex.EncodeToString(sum[:])
}

// imageTags returns the tags of a stack's images. A repository that the base stack created for this
// service holds only this service's images; any other may hold those of several services.
func imageTags(e environment.Environment, stackName, ecrRepository, baseStack string) environment.ImageTags {
	if ecrRepository != "" || baseStack != environment.BaseStackName(e.Service) {
		return e.SharedImageTags(stackName)
	}
	return e.ImageTags(stackName)
}

// imageRepositories returns the repositories that the environment's images may be in. There are none
// if the base stack does not exist any more, since its repositories were deleted with it. Images of a
// permanent environment are in the first. The second is that of pull requests, to which an older
// pr-stack pushed them.
func imageRepositories(
	ctx context.Context, baseStack, name string, isPermanent bool, with destroyClients,
) ([]image.Store, error) {
	names := []string{name}
	if name == "" {
		base, err := with.stacks.Describe(ctx, baseStack)
		if errors.Is(err, cfn.ErrNotFound) {
			with.log.Line("There is no base stack %s, and so no repository to look for images in.", baseStack)
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		own, _ := template.BaseValues(base.Outputs, isPermanent)
		names = []string{own["RepositoryName"], base.Outputs["RepositoryName"]}
	}
	var stores []image.Store
	for _, name := range slices.Compact(names) {
		if name != "" {
			stores = append(stores, image.Store{API: with.registry, Name: name, Log: with.log})
		}
	}
	return stores, nil
}
