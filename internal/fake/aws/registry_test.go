package aws_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	fakeaws "pr-stack/internal/fake/aws"
)

// login returns what a caller logs in to the registry with.
func login(t *testing.T, config aws.Config) *authn.Basic {
	t.Helper()
	answered, err := ecr.NewFromConfig(config).GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := base64.StdEncoding.DecodeString(*answered.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		t.Fatal(err)
	}
	user, password, _ := strings.Cut(string(pair), ":")
	return &authn.Basic{Username: user, Password: password}
}

// The lists are those of https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html,
// and of its page on pulling.
func TestRegistry_has_the_rights_of_the_login(t *testing.T) {
	const repository = "arn:aws:ecr:eu-north-1:123456789012:repository/hello"
	push := []string{"BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"}
	pull := []string{"BatchGetImage", "GetDownloadUrlForLayer"}
	image, err := random.Image(64, 2)
	if err != nil {
		t.Fatal(err)
	}
	write := func(ref name.Reference, options ...remote.Option) error { return remote.Write(ref, image, options...) }
	read := func(ref name.Reference, options ...remote.Option) error {
		found, err := remote.Image(ref, options...)
		if err != nil {
			return err
		}
		layers, err := found.Layers()
		if err != nil {
			return err
		}
		return drain(layers)
	}
	for _, test := range []struct {
		name    string
		actions []string
		do      func(name.Reference, ...remote.Option) error
	}{{"push", push, write}, {"pull", pull, read}} {
		for missing := range len(test.actions) + 1 { // the last leaves out none
			a := fakeaws.New(fakeaws.Options{})
			for _, name := range []string{"hello", "hello-prod"} {
				if _, err := ecr.NewFromConfig(a.Config()).CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &name}); err != nil {
					t.Fatal(err)
				}
				if test.name == "pull" {
					if _, err := a.PushImage(name, "v1", image); err != nil {
						t.Fatal(err)
					}
				}
			}
			var granted []string
			for i, action := range test.actions {
				if i != missing {
					granted = append(granted, "ecr:"+action)
				}
			}
			config := as(t, a, policy(allow("*", "ecr:GetAuthorizationToken"), allow(repository, granted...)))
			options := []remote.Option{remote.WithAuth(login(t, config)), remote.WithTransport(a)}
			ref, err := name.NewTag(a.RegistryHost()+"/hello:v1", name.Insecure)
			if err != nil {
				t.Fatal(err)
			}
			err = test.do(ref, options...)
			switch {
			case missing == len(test.actions):
				if err != nil {
					t.Errorf("%s with all actions = %v", test.name, err)
				}
				other, _ := name.NewTag(a.RegistryHost()+"/hello-prod:v1", name.Insecure)
				if err := test.do(other, options...); err == nil || !strings.Contains(err.Error(), "repository/hello-prod") {
					t.Errorf("%s of another repository = %v, want it denied", test.name, err)
				}
			case err == nil:
				t.Errorf("%s without ecr:%s succeeded", test.name, test.actions[missing])
			default:
				denied := fakeaws.Access{
					Principal: "arn:aws:sts::123456789012:assumed-role/deployer/GitHubActions",
					Action:    "ecr:" + test.actions[missing], Resource: repository,
				}
				if list := a.Accesses(); !slices.Contains(list, denied) {
					t.Errorf("%s: Accesses = %v, want %v", test.name, list, denied)
				}
			}
		}
	}
}

func drain(layers []v1.Layer) error {
	for _, layer := range layers {
		content, err := layer.Compressed()
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, content); err != nil {
			return err
		}
		_ = content.Close()
	}
	return nil
}

func TestRegistry_denies_in_its_own_words(t *testing.T) {
	a := fakeaws.New(fakeaws.Options{})
	auth := login(t, as(t, a, policy(allow("*", "ecr:GetAuthorizationToken"))))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.RegistryHost()+"/v2/hello/blobs/uploads/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(auth.Username, auth.Password)
	response, err := a.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"errors":[{"code":"DENIED","message":"` + user + "ecr:InitiateLayerUpload on resource: " +
		`arn:aws:ecr:eu-north-1:123456789012:repository/hello because no identity-based policy allows the ecr:InitiateLayerUpload action"}]}`
	if got := strings.TrimSpace(string(body)); response.StatusCode != http.StatusForbidden || got != want {
		t.Errorf("the upload = %d\n%s\nwant 403\n%s", response.StatusCode, got, want)
	}
}

// The token of a session that ends earlier is not valid for twelve hours.
func TestRegistry_login_ends_with_its_session(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := fakeaws.New(fakeaws.Options{})
		may := policy(allow("*", "ecr:*"))
		if _, err := a.AddRole("builder", trustEveryone, may); err != nil {
			t.Fatal(err)
		}
		config := as(t, a, policy(allow("*", "sts:AssumeRole")))
		config.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(config), "arn:aws:iam::123456789012:role/builder")
		auth := login(t, config)
		status := func() int {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+a.RegistryHost()+"/v2/", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.SetBasicAuth(auth.Username, auth.Password)
			response, err := a.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			return response.StatusCode
		}
		<-time.After(10 * time.Minute)
		if got := status(); got != http.StatusOK {
			t.Errorf("after 10 of the session's 15 minutes = %d, want 200", got)
		}
		<-time.After(6 * time.Minute)
		if got := status(); got != http.StatusForbidden {
			t.Errorf("after the session = %d, want 403", got)
		}
	})
}

// A repository may be called like a part of the registry's paths.
func TestRegistry_finds_the_repository_in_the_path(t *testing.T) {
	a := fakeaws.New(fakeaws.Options{})
	if _, err := ecr.NewFromConfig(a.Config()).CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("hello/tags")}); err != nil {
		t.Fatal(err)
	}
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	mine := policy(allow("*", "ecr:GetAuthorizationToken"), allow("arn:aws:ecr:eu-north-1:123456789012:repository/hello", "ecr:*"))
	ref, err := name.NewTag(a.RegistryHost()+"/hello/tags:v1", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	err = remote.Write(ref, image, remote.WithAuth(login(t, as(t, a, mine))), remote.WithTransport(a))
	if err == nil || !strings.Contains(err.Error(), "repository/hello/tags") {
		t.Errorf("a push to another repository = %v, want it denied", err)
	}
	if _, err := a.PushImage("hello/tags", "v1", image); err != nil {
		t.Errorf("an administrator's push = %v", err)
	}
}
