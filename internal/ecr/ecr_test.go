package ecr_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"pr-stack/internal/ecr"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/hint"
)

// inRepository runs a test on an account with a repository named hello.
func inRepository(t *testing.T, options fakeaws.Options, test func(t *testing.T, account *fakeaws.AWS, r ecr.Repository)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(options)
		r := ecr.Repository{API: awsecr.NewFromConfig(account.Config()), Name: "hello"}
		if _, err := r.API.CreateRepository(t.Context(), &awsecr.CreateRepositoryInput{RepositoryName: &r.Name}); err != nil {
			t.Fatal(err)
		}
		test(t, account, r)
	})
}

func push(t *testing.T, account *fakeaws.AWS, tags ...string) (digest string) {
	t.Helper()
	image, err := random.Image(16, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range tags {
		if digest, err = account.PushImage("hello", tag, image); err != nil {
			t.Fatalf("PushImage(%s) = %v", tag, err)
		}
	}
	return digest
}

// digestOf returns the digest of the image with this tag, or "".
func digestOf(t *testing.T, r ecr.Repository, tag string) string {
	t.Helper()
	answer, err := r.API.DescribeImages(t.Context(), &awsecr.DescribeImagesInput{
		RepositoryName: &r.Name, ImageIds: []types.ImageIdentifier{{ImageTag: &tag}},
	})
	if notFound := (*types.ImageNotFoundException)(nil); errors.As(err, &notFound) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return *answer.ImageDetails[0].ImageDigest
}

func TestHas(t *testing.T) {
	inRepository(t, fakeaws.Options{}, func(t *testing.T, account *fakeaws.AWS, r ecr.Repository) {
		digest := push(t, account, "pr-7.0123456789ab.01234567")
		if got, err := r.Has(t.Context(), digest); !got || err != nil {
			t.Errorf("Has(%s) = %t, %v, want true", digest, got, err)
		}
		if got, err := r.Has(t.Context(), "sha256:"+strings.Repeat("0", 64)); got || err != nil {
			t.Errorf("Has(the digest of no image) = %t, %v, want false", got, err)
		}
		r.Name = "nowhere"
		if _, err := r.Has(t.Context(), digest); !errors.Is(err, ecr.ErrNotFound) {
			t.Errorf("Has in no repository = %v, want %v", err, ecr.ErrNotFound)
		}
	})
}

func TestURI_of_a_repository_that_does_not_exist(t *testing.T) {
	inRepository(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, r ecr.Repository) {
		r.Name = "nowhere"
		_, err := r.URI(t.Context())
		want := "describe ECR repository nowhere: repository does not exist: " +
			"The repository with name 'nowhere' does not exist in the registry with id '123456789012'"
		if !errors.Is(err, ecr.ErrNotFound) || err.Error() != want {
			t.Errorf("URI = %v\nwant %s", err, want)
		}
		wantHint := []string{"set ecr-repository to one that exists, or run command: bootstrap, which creates the service's own"}
		if diff := cmp.Diff(wantHint, hint.Of(err)); diff != "" {
			t.Errorf("hints of URI's error (-want +got):\n%s", diff)
		}
	})
}

func TestDelete_deletes_matching_tags_and_nothing_else(t *testing.T) {
	inRepository(t, fakeaws.Options{PageSize: 7}, func(t *testing.T, account *fakeaws.AWS, r ecr.Repository) {
		const matching = 120 // more than one call of BatchDeleteImage accepts
		for i := range matching {
			push(t, account, fmt.Sprintf("pr-7-%012d", i))
		}
		push(t, account, "pr-8-000000000000")
		shared := push(t, account, "pr-7-ffffffffffff", "production-ffffffffffff")

		match := func(tag string) bool { return strings.HasPrefix(tag, "pr-7-") }
		if n, err := r.Delete(t.Context(), match); n != matching+1 || err != nil {
			t.Fatalf("Delete = %d, %v, want %d", n, err, matching+1)
		}
		for tag, want := range map[string]bool{
			"pr-7-000000000003":       false,
			"pr-7-ffffffffffff":       false,
			"pr-8-000000000000":       true,
			"production-ffffffffffff": true,
		} {
			if digest := digestOf(t, r, tag); (digest != "") != want {
				t.Errorf("after Delete %s has the digest %q, want any: %v", tag, digest, want)
			}
		}
		if digest := digestOf(t, r, "production-ffffffffffff"); digest != shared {
			t.Errorf("the image that production shares is %q, want %q", digest, shared)
		}
		if n, err := r.Delete(t.Context(), match); n != 0 || err != nil {
			t.Errorf("Delete again = %d, %v, want 0", n, err)
		}
	})
}

func TestDelete_in_a_repository_that_does_not_exist(t *testing.T) {
	inRepository(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, r ecr.Repository) {
		r.Name = "gone"
		if n, err := r.Delete(t.Context(), func(string) bool { return true }); n != 0 || err != nil {
			t.Errorf("Delete = %d, %v, want 0 and no error", n, err)
		}
	})
}

func TestLogin(t *testing.T) {
	inRepository(t, fakeaws.Options{}, func(t *testing.T, account *fakeaws.AWS, r ecr.Repository) {
		login, err := r.Login(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if login.Host != account.RegistryHost() || login.Username != "AWS" || login.Password == "" {
			t.Errorf("Login = %s, %s, want the registry's host and the user AWS", login.Host, login.Username)
		}
		if left := time.Until(login.Expires).Round(time.Hour); left != 12*time.Hour {
			t.Errorf("the login is valid for %v, want 12h", left)
		}
	})
}

func TestLogin_denied(t *testing.T) {
	inRepository(t, fakeaws.Options{}, func(t *testing.T, account *fakeaws.AWS, r ecr.Repository) {
		account.Inject(fakeaws.Fault{Operation: "GetAuthorizationToken", Code: "AccessDeniedException", Message: "not authorized"})
		if _, err := r.Login(context.Background()); err == nil || !strings.HasPrefix(err.Error(), "log in to ECR: ") {
			t.Errorf("Login = %v, want an error about the login", err)
		}
	})
}
