// Package ecr finds and deletes the images of one Amazon ECR repository, and logs in to it. It does
// not push: docker and archive do. The caller knows which image belongs to which environment.
package ecr

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"pr-stack/internal/hint"
)

// Repository is a repository in the account. API and Name must be set.
type Repository struct {
	API  *ecr.Client
	Name string
}

// ErrNotFound is the cause of an error about a repository that does not exist.
var ErrNotFound = errors.New("repository does not exist")

// URI returns the repository's URI, which begins each of its image references:
// ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME.
func (r Repository) URI(ctx context.Context) (string, error) {
	answer, err := r.API.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{r.Name}})
	if err != nil {
		return "", fmt.Errorf("describe ECR repository %s: %w", r.Name, translate(err))
	}
	return aws.ToString(answer.Repositories[0].RepositoryUri), nil
}

// Has reports whether the repository has the image with this digest, sha256:….
func (r Repository) Has(ctx context.Context, digest string) (bool, error) {
	answer, err := r.API.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RepositoryName: &r.Name,
		ImageIds:       []types.ImageIdentifier{{ImageDigest: &digest}},
	})
	if notFound := (*types.ImageNotFoundException)(nil); errors.As(err, &notFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up image %s@%s: %w", r.Name, digest, translate(err))
	}
	return len(answer.ImageDetails) > 0, nil
}

// Delete deletes each tag that match accepts, and returns how many it deleted. An image is deleted
// with its last tag; until then it keeps its other tags. A repository that does not exist has nothing
// to delete, and is not an error.
func (r Repository) Delete(ctx context.Context, match func(tag string) bool) (int, error) {
	ids, err := r.matching(ctx, match)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	deleted := 0
	for chunk := range slices.Chunk(ids, 100) { // the most that a call accepts
		answer, err := r.API.BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{RepositoryName: &r.Name, ImageIds: chunk})
		if err != nil {
			return deleted, fmt.Errorf("delete images of ECR repository %s: %w", r.Name, translate(err))
		}
		deleted += len(answer.ImageIds)
		for _, f := range answer.Failures {
			if f.FailureCode == types.ImageFailureCodeImageNotFound {
				continue
			}
			return deleted, fmt.Errorf("delete image %s:%s: %s",
				r.Name, aws.ToString(f.ImageId.ImageTag), aws.ToString(f.FailureReason))
		}
	}
	return deleted, nil
}

// Login is the login of a Docker client to the registry. Its password is a secret.
type Login struct {
	Host     string
	Username string
	Password string
	Expires  time.Time // twelve hours after it was issued
}

// Login returns a new login to the account's registry.
func (r Repository) Login(ctx context.Context) (Login, error) {
	answer, err := r.API.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return Login{}, fmt.Errorf("log in to ECR: %w", translate(err))
	}
	if len(answer.AuthorizationData) == 0 {
		return Login{}, errors.New("log in to ECR: the response has no token")
	}
	data := answer.AuthorizationData[0]
	decoded, err := base64.StdEncoding.DecodeString(aws.ToString(data.AuthorizationToken))
	if err != nil {
		return Login{}, errors.New("log in to ECR: the token is not base64")
	}
	username, password, ok := strings.Cut(string(decoded), ":")
	if !ok {
		return Login{}, errors.New("log in to ECR: the token has no password")
	}
	endpoint, err := url.Parse(aws.ToString(data.ProxyEndpoint))
	if err != nil || endpoint.Host == "" {
		return Login{}, fmt.Errorf("log in to ECR: %q is not the address of a registry", aws.ToString(data.ProxyEndpoint))
	}
	return Login{Host: endpoint.Host, Username: username, Password: password, Expires: aws.ToTime(data.ExpiresAt)}, nil
}

// translate turns ECR's own error for a missing repository into ErrNotFound, with a hint.
func translate(err error) error {
	if notFound := (*types.RepositoryNotFoundException)(nil); errors.As(err, &notFound) {
		return hint.Wrap(fmt.Errorf("%w: %s", ErrNotFound, notFound.ErrorMessage()),
			"set ecr-repository to one that exists, or run command: bootstrap, which creates the service's own")
	}
	return err
}

// matching lists the tags that match accepts. It does not use the SDK's paginator, because with the
// paginator the linker would keep every call of ECR.
func (r Repository) matching(ctx context.Context, match func(tag string) bool) (ids []types.ImageIdentifier, err error) {
	input := &ecr.ListImagesInput{
		RepositoryName: &r.Name,
		Filter:         &types.ListImagesFilter{TagStatus: types.TagStatusTagged},
	}
	for {
		page, err := r.API.ListImages(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("list images of ECR repository %s: %w", r.Name, translate(err))
		}
		for _, id := range page.ImageIds {
			if match(aws.ToString(id.ImageTag)) {
				// Name the image by its tag only. If the digest were given too, ECR would delete an
				// image that another environment has tagged.
				ids = append(ids, types.ImageIdentifier{ImageTag: id.ImageTag})
			}
		}
		if aws.ToString(page.NextToken) == "" {
			return ids, nil
		}
		input.NextToken = page.NextToken
	}
}
