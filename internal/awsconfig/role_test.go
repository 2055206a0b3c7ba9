package awsconfig

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go"

	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/hint"
)

const (
	trustPreview = `{"Version": "2012-10-17", "Statement": {
		"Effect": "Allow",
		"Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
		"Action": "sts:AssumeRoleWithWebIdentity",
		"Condition": {"StringEquals": {
			"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
			"token.actions.githubusercontent.com:sub": "repo:octo-org/hello-world:pull_request"
		}}}}`
	mayList = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ecs:ListClusters", "Resource": "*"}}`
)

// job is a job of a pull request, in an account that knows GitHub and has the role preview.
type job struct {
	aws    *fakeaws.AWS
	github *fakegithub.GitHub
	masked []string
	Options
}

func newJob(t *testing.T) *job {
	t.Helper()
	j := &job{aws: fakeaws.New(fakeaws.Options{}), github: fakegithub.New("octo-org/hello-world")}
	j.aws.AddOIDCProvider(fakegithub.Issuer, "sts.amazonaws.com")
	arn, err := j.aws.AddRole("preview", trustPreview, mayList)
	if err != nil {
		t.Fatal(err)
	}
	address, secret := j.github.NewJob(map[string]any{"sub": "repo:octo-org/hello-world:pull_request"})
	j.Options = Options{
		Region: "eu-north-1",
		Role: &Role{
			ARN: arn, SessionName: "octo-org_hello-world_pr-7_run-42", Duration: 15 * time.Minute,
			Token: TokenSource{URL: address, Secret: secret, Transport: j.github},
		},
		Mask: func(secret string) { j.masked = append(j.masked, secret) },
		Load: func(_ context.Context, region string) (aws.Config, error) {
			return aws.Config{HTTPClient: j.aws, Region: region}, nil
		},
	}
	return j
}

// sessions returns how many sessions were opened.
func (j *job) sessions() (n int) {
	for _, call := range j.aws.Calls() {
		if call.Operation == "AssumeRoleWithWebIdentity" && call.Error == "" {
			n++
		}
	}
	return n
}

func list(ctx context.Context, config aws.Config) error {
	_, err := ecs.NewFromConfig(config).ListClusters(ctx, &ecs.ListClustersInput{})
	return err
}

// A session lasts for an hour by default; a build and a first deployment may take longer.
func TestSignIn_renews_the_session_before_it_ends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		config, err := SignIn(t.Context(), j.Options)
		if err != nil {
			t.Fatal(err)
		}
		for minute := range 60 {
			if err := list(t.Context(), config); err != nil {
				t.Fatalf("after %d minutes: %s", minute, Message(err))
			}
			<-time.After(time.Minute)
		}
		if got, want := j.sessions(), 6; got != want { // each after ten minutes
			t.Errorf("%d sessions in an hour, want %d", got, want)
		}
		tokens := slices.DeleteFunc(slices.Clone(j.masked), func(s string) bool { return !strings.HasPrefix(s, "eyJ") })
		keys := slices.DeleteFunc(slices.Clone(j.masked), func(s string) bool { return !strings.HasPrefix(s, "fake-session-token") })
		slices.Sort(keys)
		if keys := slices.Compact(keys); len(tokens) != 6 || len(keys) != 6 {
			t.Errorf("masked are %d tokens of GitHub and %d of sessions, want those of all 6 sessions", len(tokens), len(keys))
		}
	})
}

// A call in the middle of a run then fails for the role's sake, and says so.
func TestSignIn_that_cannot_renew_the_session(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		config, err := SignIn(t.Context(), j.Options)
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(10 * time.Minute)
		j.aws.RemoveRole("preview")
		err = list(t.Context(), config)
		const want = "assume role arn:aws:iam::123456789012:role/preview: AccessDenied: Not authorized to perform " +
			"sts:AssumeRoleWithWebIdentity (the subject of GitHub's token is repo:octo-org/hello-world:pull_request)"
		if err == nil || Message(err) != want {
			t.Fatalf("Message = %v\nwant %s", err, want)
		}
		if hints := hint.Of(err); len(hints) != 1 || !strings.HasPrefix(hints[0], "check that the role exists") {
			t.Errorf("hints = %q, want the one about the role", hints)
		}
	})
}

func TestSignIn_asks_GitHub_again(t *testing.T) {
	const get = "sign in to AWS: get an OIDC token from GitHub: "
	for name, test := range map[string]struct {
		fault fakegithub.Fault
		want  string // the error
		calls int
	}{
		"503":                {fakegithub.Fault{Status: 503, Times: 4}, "", 5},
		"503 without end":    {fakegithub.Fault{Status: 503}, get + "GitHub answered with HTTP status 503 Service Unavailable", 5},
		"429":                {fakegithub.Fault{Status: 429, Times: 1}, "", 2},
		"a broken line":      {fakegithub.Fault{Break: true, Times: 1}, "", 2},
		"no answer":          {fakegithub.Fault{Delay: time.Hour, Times: 1}, "", 2},
		"403":                {fakegithub.Fault{Status: 403, Message: "no"}, get + "GitHub answered with HTTP status 403 Forbidden", 1},
		"something else":     {fakegithub.Fault{Status: 200, Message: "hello"}, get + "GitHub's answer has no token", 1},
		"nothing goes wrong": {fakegithub.Fault{Path: "/none"}, "", 1},
	} {
		inBubble(t, name, func(t *testing.T) {
			j := newJob(t)
			j.github.Inject(test.fault)
			_, err := SignIn(t.Context(), j.Options)
			if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
				t.Errorf("SignIn = %v, want %q", err, test.want)
			}
			if got := len(j.github.Calls()); got != test.calls {
				t.Errorf("GitHub was asked %d times, want %d", got, test.calls)
			}
			if errors.Is(err, ErrNoCredentials) {
				t.Error("the error is ErrNoCredentials, with which a fork's run would be skipped")
			}
		})
	}
}

func TestSignIn_with_a_role_is_cancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.github.Inject(fakegithub.Fault{Delay: time.Hour})
		began := time.Now()
		interrupted := errors.New("interrupt signal received")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, interrupted)
		defer cancel()
		if _, err := SignIn(ctx, j.Options); !errors.Is(err, interrupted) || time.Since(began) != time.Second {
			t.Errorf("SignIn = %v after %v, want %v after a second", err, time.Since(began), interrupted)
		}
		<-time.After(10 * time.Hour) // the SDK's cache lets go of the request, but does not end it
	})
}

// STS is asked in the region of the job, which is also in its partition: a role of China is unknown elsewhere.
func TestSignIn_asks_STS_of_the_region(t *testing.T) {
	for region, want := range map[string]string{
		"eu-north-1": "sts.eu-north-1.amazonaws.com", "us-gov-west-1": "sts.us-gov-west-1.amazonaws.com",
		"cn-north-1": "sts.cn-north-1.amazonaws.com.cn",
	} {
		inBubble(t, region, func(t *testing.T) {
			j := newJob(t)
			var hosts []string
			j.Region = region
			j.Load = func(_ context.Context, region string) (aws.Config, error) {
				return aws.Config{Region: region, HTTPClient: doer(func(r *http.Request) (*http.Response, error) {
					hosts = append(hosts, r.URL.Host)
					return j.aws.Do(r)
				})}, nil
			}
			if _, err := SignIn(t.Context(), j.Options); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(hosts, []string{want}) {
				t.Errorf("the hosts that were asked are %q, want %q", hosts, want)
			}
		})
	}
}

// A proxy's answer must not end the program.
func TestSignIn_without_credentials_in_the_answer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJob(t)
		j.Load = func(_ context.Context, region string) (aws.Config, error) {
			const empty = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult/></AssumeRoleWithWebIdentityResponse>"
			return aws.Config{Region: region, HTTPClient: server{status: http.StatusOK, body: empty}}, nil
		}
		_, err := SignIn(t.Context(), j.Options)
		const want = "assume role arn:aws:iam::123456789012:role/preview: the answer of STS has no credentials"
		if err == nil || err.Error() != want {
			t.Errorf("SignIn = %v, want %s", err, want)
		}
	})
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func TestRefusalHint(t *testing.T) {
	for message, want := range map[string]string{
		"AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity":                "check that the role exists",
		"InvalidIdentityToken: No OpenIDConnect provider found in your account for https://x":  "create the provider of GitHub",
		"InvalidIdentityToken: Incorrect token audience":                                       "add sts.amazonaws.com",
		"InvalidIdentityToken: Couldn't retrieve verification key from your identity provider": "run the job again",
		"IDPCommunicationError: no": "run the job again",
		"ExpiredTokenException: Token expired: current date/time 2 must be before the expiration 1":        "run the job again",
		"ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.": "lower role-duration-seconds",
		"Throttling: Rate exceeded":       "AWS limits the calls",
		"ValidationError: something else": "",
	} {
		code, text, _ := strings.Cut(message, ": ")
		got := refusalHint(&smithy.GenericAPIError{Code: code, Message: text})
		if !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("refusalHint(%s) = %q, want %q", message, got, want)
		}
	}
	if got := subject("no token"); got != "" {
		t.Errorf("the subject of what is no token is %q", got)
	}
}
