package ecr

import (
	"fmt"
	"maps"
	"slices"

	"pr-stack/internal/fake/aws/internal/wire"
)

// request has every field that the operations below take.
type request struct {
	RepositoryName     string
	RepositoryNames    []string
	ImageTagMutability string
	Force              bool
	ImageIDs           []imageID `json:"imageIds"`
	Filter             struct{ TagStatus string }
	NextToken          string
	MaxResults         int
}

type imageID struct {
	Digest string `json:"imageDigest,omitempty"`
	Tag    string `json:"imageTag,omitempty"`
}

// Operations returns the API.
func (e *ECR) Operations() wire.Operations {
	return wire.Decoded(map[string]func(request) (any, error){
		"CreateRepository":      e.createRepository,
		"DeleteRepository":      e.deleteRepository,
		"DescribeRepositories":  e.describeRepositories,
		"DescribeImages":        e.describeImages,
		"ListImages":            e.listImages,
		"BatchDeleteImage":      e.batchDeleteImage,
		"GetAuthorizationToken": e.getAuthorizationToken,
	})
}

func (e *ECR) createRepository(q request) (any, error) {
	if e.repositories[q.RepositoryName] != nil {
		return nil, &wire.APIError{Code: "RepositoryAlreadyExistsException",
			Message: fmt.Sprintf("The repository with name '%s' already exists in the registry with id '%s'", q.RepositoryName, e.account.ID)}
	}
	r := e.addRepository(q.RepositoryName, q.ImageTagMutability == "IMMUTABLE")
	return map[string]any{"repository": e.describeRepository(r)}, nil
}

func (e *ECR) deleteRepository(q request) (any, error) {
	r, err := e.repository(q.RepositoryName)
	if err != nil {
		return nil, err
	}
	if err := e.removeRepository(r, q.Force); err != nil {
		return nil, &wire.APIError{Code: "RepositoryNotEmptyException", Message: err.Error()}
	}
	return map[string]any{"repository": e.describeRepository(r)}, nil
}

func (e *ECR) removeRepository(r *repository, force bool) error {
	if len(r.images) > 0 && !force {
		return wire.Reason(fmt.Sprintf("The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images",
			r.name, e.account.ID))
	}
	for _, i := range r.images {
		e.deleteManifests(r.name, i)
	}
	delete(e.repositories, r.name)
	return nil
}

func (e *ECR) deleteManifests(repository string, i *image) {
	for _, tag := range i.tags {
		e.deleteManifest(repository, tag)
	}
	e.deleteManifest(repository, i.digest)
}

func (e *ECR) describeRepositories(q request) (any, error) {
	names := q.RepositoryNames
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(e.repositories))
	}
	list := []any{}
	for _, name := range names {
		r, err := e.repository(name)
		if err != nil {
			return nil, err
		}
		list = append(list, e.describeRepository(r))
	}
	part, next := wire.Page(list, q.NextToken, e.account.PageSize(100))
	return wire.WithToken(map[string]any{"repositories": part}, next), nil
}

func (e *ECR) describeImages(q request) (any, error) {
	r, err := e.repository(q.RepositoryName)
	if err != nil {
		return nil, err
	}
	images := r.images
	if len(q.ImageIDs) > 0 {
		images = nil
		for _, id := range q.ImageIDs {
			i := r.find(id)
			if i == nil {
				return nil, &wire.APIError{Code: "ImageNotFoundException", Message: fmt.Sprintf(
					"The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
					orNull(id.Digest), orNull(id.Tag), r.name, e.account.ID)}
			}
			images = append(images, i)
		}
	}
	list := []any{}
	for _, i := range images {
		list = append(list, map[string]any{
			"registryId": e.account.ID, "repositoryName": r.name, "imageDigest": i.digest, "imageTags": i.tags, "imagePushedAt": wire.EpochSeconds(i.pushed),
		})
	}
	part, next := wire.Page(list, q.NextToken, e.account.PageSize(100))
	return wire.WithToken(map[string]any{"imageDetails": part}, next), nil
}

func (r *repository) find(id imageID) *image {
	if id.Tag != "" {
		if i := r.byTag(id.Tag); i != nil && (id.Digest == "" || id.Digest == i.digest) {
			return i
		}
		return nil
	}
	return r.byDigest(id.Digest)
}

func (e *ECR) listImages(q request) (any, error) {
	r, err := e.repository(q.RepositoryName)
	if err != nil {
		return nil, err
	}
	list := []imageID{}
	for _, i := range r.images {
		if len(i.tags) == 0 && q.Filter.TagStatus != "TAGGED" {
			list = append(list, imageID{Digest: i.digest})
		}
		for _, tag := range i.tags {
			if q.Filter.TagStatus != "UNTAGGED" {
				list = append(list, imageID{Digest: i.digest, Tag: tag})
			}
		}
	}
	part, next := wire.Page(list, q.NextToken, e.account.PageSize(100))
	return wire.WithToken(map[string]any{"imageIds": part}, next), nil
}

// batchDeleteImage removes a tag, and with the last tag the image; or, by digest, the image with
// all its tags.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
func (e *ECR) batchDeleteImage(q request) (any, error) {
	r, err := e.repository(q.RepositoryName)
	if err != nil {
		return nil, err
	}
	deleted, failures := []imageID{}, []any{}
	for _, id := range q.ImageIDs {
		i := r.find(id)
		if i == nil {
			failures = append(failures, map[string]any{"imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"})
			continue
		}
		deleted = append(deleted, imageID{Digest: i.digest, Tag: id.Tag})
		if id.Tag != "" {
			i.tags = slices.DeleteFunc(i.tags, func(t string) bool { return t == id.Tag })
			e.deleteManifest(r.name, id.Tag)
		}
		if id.Digest != "" || len(i.tags) == 0 {
			e.deleteManifests(r.name, i)
			r.images = slices.DeleteFunc(r.images, func(other *image) bool { return other == i })
		}
	}
	return map[string]any{"imageIds": deleted, "failures": failures}, nil
}

func (e *ECR) getAuthorizationToken(request) (any, error) {
	endpoint := "https://" + e.host
	password, expires := e.newLogin(e.account.Caller)
	return map[string]any{"authorizationData": []any{map[string]any{
		"authorizationToken": authorization(password),
		"expiresAt":          wire.EpochSeconds(expires),
		"proxyEndpoint":      endpoint,
	}}}, nil
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}
