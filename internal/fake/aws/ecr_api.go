package aws

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// ecrRequest is every field that the operations below take.
type ecrRequest struct {
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

func ecrOperations() map[string]jsonOperation {
	operations := map[string]jsonOperation{}
	for name, operation := range map[string]func(*AWS, ecrRequest) (any, error){
		"CreateRepository":      (*AWS).createRepository,
		"DeleteRepository":      (*AWS).deleteRepository,
		"DescribeRepositories":  (*AWS).describeRepositories,
		"DescribeImages":        (*AWS).describeImages,
		"ListImages":            (*AWS).listImages,
		"BatchDeleteImage":      (*AWS).batchDeleteImage,
		"GetAuthorizationToken": (*AWS).getAuthorizationToken,
	} {
		operations[name] = func(a *AWS, body []byte) (any, error) {
			var q ecrRequest
			if err := json.Unmarshal(body, &q); err != nil {
				return nil, &apiError{Code: "SerializationException", Message: err.Error()}
			}
			return operation(a, q)
		}
	}
	return operations
}

func (a *AWS) createRepository(q ecrRequest) (any, error) {
	if a.ecr.repositories[q.RepositoryName] != nil {
		return nil, &apiError{Code: "RepositoryAlreadyExistsException",
			Message: fmt.Sprintf("The repository with name '%s' already exists in the registry with id '%s'", q.RepositoryName, a.opts.Account)}
	}
	r := a.addRepository(q.RepositoryName, q.ImageTagMutability == "IMMUTABLE")
	return map[string]any{"repository": a.describeRepository(r)}, nil
}

func (a *AWS) deleteRepository(q ecrRequest) (any, error) {
	r, err := a.repository(q.RepositoryName)
	if err != nil {
		return nil, err
	}
	if err := a.dropRepository(r, q.Force); err != nil {
		return nil, &apiError{Code: "RepositoryNotEmptyException", Message: err.Error()}
	}
	return map[string]any{"repository": a.describeRepository(r)}, nil
}

func (a *AWS) dropRepository(r *repository, force bool) error {
	if len(r.images) > 0 && !force {
		return awsText(fmt.Sprintf("The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images", r.name, a.opts.Account))
	}
	for _, i := range r.images {
		a.ecr.drop(r.name, i)
	}
	delete(a.ecr.repositories, r.name)
	return nil
}

func (s *ecrStore) drop(repository string, i *ecrImage) {
	for _, tag := range i.tags {
		s.take(repository, tag)
	}
	s.take(repository, i.digest)
}

func (a *AWS) describeRepositories(q ecrRequest) (any, error) {
	names := q.RepositoryNames
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(a.ecr.repositories))
	}
	list := []any{}
	for _, name := range names {
		r, err := a.repository(name)
		if err != nil {
			return nil, err
		}
		list = append(list, a.describeRepository(r))
	}
	part, next := page(a, list, q.NextToken, 100)
	return withToken(map[string]any{"repositories": part}, next), nil
}

func (a *AWS) describeImages(q ecrRequest) (any, error) {
	r, err := a.repository(q.RepositoryName)
	if err != nil {
		return nil, err
	}
	images := r.images
	if len(q.ImageIDs) > 0 {
		images = nil
		for _, id := range q.ImageIDs {
			i := r.find(id)
			if i == nil {
				return nil, &apiError{Code: "ImageNotFoundException", Message: fmt.Sprintf(
					"The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
					orNull(id.Digest), orNull(id.Tag), r.name, a.opts.Account)}
			}
			images = append(images, i)
		}
	}
	list := []any{}
	for _, i := range images {
		list = append(list, map[string]any{
			"registryId": a.opts.Account, "repositoryName": r.name, "imageDigest": i.digest, "imageTags": i.tags, "imagePushedAt": epochSeconds(i.pushed),
		})
	}
	part, next := page(a, list, q.NextToken, 100)
	return withToken(map[string]any{"imageDetails": part}, next), nil
}

func (r *repository) find(id imageID) *ecrImage {
	if id.Tag != "" {
		if i := r.byTag(id.Tag); i != nil && (id.Digest == "" || id.Digest == i.digest) {
			return i
		}
		return nil
	}
	return r.byDigest(id.Digest)
}

func (a *AWS) listImages(q ecrRequest) (any, error) {
	r, err := a.repository(q.RepositoryName)
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
	part, next := page(a, list, q.NextToken, 100)
	return withToken(map[string]any{"imageIds": part}, next), nil
}

// batchDeleteImage takes a tag away, and with the last tag the image; or the image with all its tags, by digest.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
func (a *AWS) batchDeleteImage(q ecrRequest) (any, error) {
	r, err := a.repository(q.RepositoryName)
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
			a.ecr.take(r.name, id.Tag)
		}
		if id.Digest != "" || len(i.tags) == 0 {
			a.ecr.drop(r.name, i)
			r.images = slices.DeleteFunc(r.images, func(other *ecrImage) bool { return other == i })
		}
	}
	return map[string]any{"imageIds": deleted, "failures": failures}, nil
}

func (a *AWS) getAuthorizationToken(ecrRequest) (any, error) {
	endpoint := "https://" + a.opts.RegistryHost
	return map[string]any{"authorizationData": []any{map[string]any{
		"authorizationToken": authorization(a.newLogin()),
		"expiresAt":          epochSeconds(time.Now().Add(12 * time.Hour)),
		"proxyEndpoint":      endpoint,
	}}}, nil
}

// withToken adds the token of the next page to an answer, if there is one.
func withToken(answer map[string]any, next string) map[string]any {
	if next != "" {
		answer["nextToken"] = next
	}
	return answer
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}
