// Package ecr looks up, deletes and gives access to the images of one Amazon ECR repository. It pushes nothing: that is
// for docker and archive. Which images are whose is not its concern.
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
)

// Repository is one repository of the account. API and Name must be set.
type Repository struct {
	API  *ecr.Client
	Name string
}

// ErrNotFound tells that the repository does not exist.
var ErrNotFound = errors.New("repository does not exist")

// URI returns what an image reference in the repository begins with: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME.
func (r Repository) URI(ctx context.Context) (string, error) {
	answer, err := r.API.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{r.Name}})
	if err != nil {
		return "", fmt.Errorf("describe ECR repository %s: %w", r.Name, translate(err))
	}
	return aws.ToString(answer.Repositories[0].RepositoryUri), nil
}

// Digest returns the digest of the image that has the tag, sha256:…, or "" if none has it.
func (r Repository) Digest(ctx context.Context, tag string) (string, error) {
	answer, err := r.API.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RepositoryName: &r.Name,
		ImageIds:       []types.ImageIdentifier{{ImageTag: &tag}},
	})
	if notFound := (*types.ImageNotFoundException)(nil); errors.As(err, &notFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look up image %s:%s: %w", r.Name, tag, translate(err))
	}
	if len(answer.ImageDetails) == 0 {
		return "", nil
	}
	return aws.ToString(answer.ImageDetails[0].ImageDigest), nil
}

// Delete takes away each tag that match accepts, and with its last tag the image, and returns how many tags went. An
// image that has other tags too stays under those. A repository that is gone holds nothing to delete.
func (r Repository) Delete(ctx context.Context, match func(tag string) bool) (int, error) {
	var ids []types.ImageIdentifier
	pages := ecr.NewListImagesPaginator(r.API, &ecr.ListImagesInput{
		RepositoryName: &r.Name,
		Filter:         &types.ListImagesFilter{TagStatus: types.TagStatusTagged},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err = translate(err); errors.Is(err, ErrNotFound) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("list images of ECR repository %s: %w", r.Name, err)
		}
		for _, id := range page.ImageIds {
			if match(aws.ToString(id.ImageTag)) {
				// By tag alone: with the digest too, an image that another environment has tagged would go from under it.
				ids = append(ids, types.ImageIdentifier{ImageTag: id.ImageTag})
			}
		}
	}

	deleted := 0
	for chunk := range slices.Chunk(ids, 100) { // as many as one call takes
		answer, err := r.API.BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{RepositoryName: &r.Name, ImageIds: chunk})
		if err != nil {
			return deleted, fmt.Errorf("delete images of ECR repository %s: %w", r.Name, translate(err))
		}
		deleted += len(answer.ImageIds)
		for _, f := range answer.Failures {
			if f.FailureCode == types.ImageFailureCodeImageNotFound {
				continue
			}
			return deleted, fmt.Errorf("delete image %s:%s: %s", r.Name, aws.ToString(f.ImageId.ImageTag), aws.ToString(f.FailureReason))
		}
	}
	return deleted, nil
}

// Login is what a Docker client shows to the registry. It is a secret.
type Login struct {
	Host     string
	Username string
	Password string
	Expires  time.Time // twelve hours after it was asked for
}

// Login asks for a new login to the account's registry.
func (r Repository) Login(ctx context.Context) (Login, error) {
	answer, err := r.API.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return Login{}, fmt.Errorf("log in to ECR: %w", translate(err))
	}
	if len(answer.AuthorizationData) == 0 {
		return Login{}, errors.New("log in to ECR: the answer holds no token")
	}
	data := answer.AuthorizationData[0]
	decoded, err := base64.StdEncoding.DecodeString(aws.ToString(data.AuthorizationToken))
	if err != nil {
		return Login{}, errors.New("log in to ECR: the token is not base64")
	}
	username, password, ok := strings.Cut(string(decoded), ":")
	if !ok {
		return Login{}, errors.New("log in to ECR: the token holds no password")
	}
	endpoint, err := url.Parse(aws.ToString(data.ProxyEndpoint))
	if err != nil || endpoint.Host == "" {
		return Login{}, fmt.Errorf("log in to ECR: %q is no address of a registry", aws.ToString(data.ProxyEndpoint))
	}
	return Login{Host: endpoint.Host, Username: username, Password: password, Expires: aws.ToTime(data.ExpiresAt)}, nil
}

func translate(err error) error {
	if notFound := (*types.RepositoryNotFoundException)(nil); errors.As(err, &notFound) {
		return fmt.Errorf("%w: %s", ErrNotFound, notFound.ErrorMessage())
	}
	return err
}
