package ecr

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/iam"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// setPolicy applies a template's repository policy. Like a trust policy, it names principals and no
// resource: it is about its repository.
func (r *repository) setPolicy(properties map[string]any) error {
	r.policy = nil
	document := properties["RepositoryPolicyText"]
	if document == nil {
		return nil
	}
	text := property.Text(document)
	if text == "" {
		body, err := json.Marshal(document)
		if err != nil {
			return err
		}
		text = string(body)
	}
	policy, err := iam.ParseTrust(text)
	if err != nil {
		return fmt.Errorf("policy of the repository %s: %w", r.name, err)
	}
	r.policy = policy
	return nil
}

func (e *ECR) updateRepository(r *cloudformation.Resource) error {
	made := e.repositories[r.PhysicalID]
	if made == nil {
		return fmt.Errorf("%s", e.noRepository(r.PhysicalID))
	}
	made.immutable = property.Text(r.Properties["ImageTagMutability"]) == "IMMUTABLE"
	return made.setPolicy(r.Properties)
}

// ServiceMayPull reports whether the policy of an image's repository lets a service, such as
// lambda.amazonaws.com, pull the image for a resource of this account.
// https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions
func (e *ECR) ServiceMayPull(service, sourceARN, image string) bool {
	name, _, _ := e.split(image)
	r := e.repositories[name]
	if r == nil || r.policy == nil {
		return false
	}
	for _, action := range []string{"BatchGetImage", "GetDownloadUrlForLayer"} {
		access := e.onRepository(action, name).With("aws:SourceArn", sourceARN).With("aws:SourceAccount", e.account.ID)
		if r.policy.Evaluate(iam.Service, []string{service}, access) != account.Allow {
			return false
		}
	}
	return true
}

// MediaType returns the media type of an image's manifest or index, by its reference, or "" if the
// registry has no such image.
func (e *ECR) MediaType(image string) string {
	name, reference, _ := e.split(image)
	r := &http.Request{
		Method: http.MethodGet, Body: http.NoBody,
		URL: &url.URL{Path: "/v2/" + name + "/manifests/" + reference},
	}
	answer := httptest.NewRecorder()
	e.registry().ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		return ""
	}
	return answer.Header().Get("Content-Type")
}
