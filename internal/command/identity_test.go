package command_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/environment"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// updated returns the resources that the stack has had UPDATE events of since a time, in order.
func (e *env) updated(since time.Time) (names []string) {
	e.t.Helper()
	name := stackName
	answer, err := e.CloudFormation().DescribeStackEvents(e.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &name})
	e.check(err)
	for _, event := range answer.StackEvents {
		id := *event.LogicalResourceId
		if event.Timestamp.After(since) && strings.HasPrefix(string(event.ResourceStatus), "UPDATE_") && id != stackName && !slices.Contains(names, id) {
			names = append(names, id)
		}
	}
	slices.Sort(names)
	return names
}

// CloudFormation copies a stack's tags to every resource in it. None changes with a push, so a push
// updates what runs the code, and nothing else.
func TestDeploy_a_push_updates_the_task_definition_and_the_service(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		tags := e.stack().Tags
		began := time.Now()
		e.GitHub.Push(7, anotherCommit)
		e.run("synchronize", anotherCommit).want(t, 0, "updated", "")
		if got, want := e.updated(began), []string{"EcsService", "TaskDefinition"}; !slices.Equal(got, want) {
			t.Errorf("the push updated %q, want %q", got, want)
		}
		if got := e.stack().Tags; fmt.Sprint(got) != fmt.Sprint(tags) {
			t.Errorf("the tags are %v, want them unchanged: %v", got, tags)
		}
		e.wantStack(t, "UPDATE_COMPLETE", anotherCommit)

		began = time.Now()
		e.run("synchronize", anotherCommit).want(t, 0, "unchanged", "")
		if got := e.updated(began); got != nil {
			t.Errorf("the same commit updated %q, want nothing", got)
		}
	})
}

func (e *env) stack() actiontest.Stack {
	e.t.Helper()
	stack, err := e.Stack(e.t.Context(), stackName)
	e.check(err)
	return stack
}

// A container knows where it runs and of which commit it is.
func TestDeploy_tells_the_container_what_it_is(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got map[string]string
		e := newEnv(t, fakeaws.Options{Container: func(_ string, environ map[string]string) fakeaws.Container {
			got = environ
			return fakeaws.Container{}
		}})
		r := e.run("opened", oneCommit)
		r.want(t, 0, "created", "")
		for name, want := range map[string]string{
			"PORT": "8080", "PR_STACK_SERVICE": "hello-world", "PR_STACK_ENVIRONMENT": "pr-7", "PR_STACK_PULL_REQUEST": "7",
			"PR_STACK_COMMIT": oneCommit, "PR_STACK_URL": r.Output("url"),
		} {
			if got[name] != want {
				t.Errorf("%s is %q, want %q", name, got[name], want)
			}
		}
	})
}

// A stack that an older pr-stack deployed says in a tag what its commit is. The next deployment removes
// the tag.
func TestDeploy_reads_an_older_stacks_commit(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		tags := actiontest.Tags("hello-world", "pr-7", 7)
		tags[environment.TagCommit] = anotherCommit
		e.check(e.CreateStack(t.Context(), stackName, "", tags))
		<-time.After(time.Minute)
		r := e.start("opened", oneCommit)
		<-time.After(time.Minute)
		e.wantComment(t, "🚧 Deploying `0123456`", "`89abcde` stays up")
		<-r.Done
		r.want(t, 0, "updated", "")
		e.wantStack(t, "UPDATE_COMPLETE", oneCommit)
		if _, found := e.stack().Tags[environment.TagCommit]; found {
			t.Errorf("the tags are %v, want no commit among them", e.stack().Tags)
		}
	})
}

// inEnvOn runs a test in a bubble, with a base stack of that template that pr-stack did not create now.
func inEnvOn(t *testing.T, body string, test func(t *testing.T, e *env)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		raw, err := actiontest.New(t.TempDir(), fakeaws.Options{})
		if err != nil {
			t.Fatal(err)
		}
		e := &env{raw, t}
		name, service, key := actiontest.BaseStack, "hello-world", "Service"
		input := &cloudformation.CreateStackInput{
			StackName: &name, TemplateBody: &body, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
			Parameters: []types.Parameter{{ParameterKey: &key, ParameterValue: &service}},
		}
		for key, value := range environment.BaseTags(service) {
			input.Tags = append(input.Tags, types.Tag{Key: &key, Value: &value})
		}
		_, err = e.CloudFormation().CreateStack(t.Context(), input)
		e.check(err)
		<-time.After(5 * time.Minute)
		test(t, e)
	})
}

// noListing is an account in which a repository's images may not be listed.
type noListing struct {
	next       aws.HTTPClient
	repository string
}

func (n *noListing) Do(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListImages") {
		return n.next.Do(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !bytes.Contains(body, []byte(`"`+n.repository+`"`)) {
		return n.next.Do(r)
	}
	answer := `{"__type": "AccessDeniedException", "message": "User: x is not authorized to perform: ecr:ListImages"}`
	return &http.Response{StatusCode: http.StatusBadRequest, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{}}, nil
}

// An older pr-stack left a permanent environment's images among those of pull requests, where the role
// of its jobs may have no permission.
func TestDestroy_production_deletes_its_old_images_if_it_may(t *testing.T) {
	t.Parallel()
	inEnvOn(t, template.Base, func(t *testing.T, e *env) {
		old := "production-" + oneCommit[:12]
		e.pushAs(old)
		production := []string{"INPUT_ENVIRONMENT=production", "INPUT_COMMAND=destroy"}
		base, err := e.BaseOutputs(t.Context())
		e.check(err)
		e.Configure = func(c *aws.Config) { c.HTTPClient = &noListing{c.HTTPClient, base["RepositoryName"]} }
		e.run("opened", oneCommit, "INPUT_ENVIRONMENT=production").want(t, 0, "created", "")
		e.check(e.Unprotect(t.Context(), "hello-world-production"))
		e.run("opened", oneCommit, production...).want(t, 0, "deleted", "::notice title=old images may be left::"+
			"an older pr-stack may have pushed images of this environment to ECR repository "+base["RepositoryName"]+", which could not be checked: ")
		if tags := e.imageTags(); !slices.Equal(tags, []string{old}) {
			t.Errorf("images = %q, want only the old one", tags)
		}
		e.Configure = nil
		e.run("opened", oneCommit, production...).want(t, 0, "deleted", "1 image")
		if tags := e.imageTags(); len(tags) != 0 {
			t.Errorf("images = %q, want none", tags)
		}
	})
}

// The base stack of an older pr-stack has no outputs for permanent environments only.
func TestDeploy_production_on_an_older_base_stack(t *testing.T) {
	t.Parallel()
	body, _, ok := strings.Cut(template.Base, "  PermanentRepositoryName:\n")
	if !ok {
		t.Fatal("the base stack's template has no such output, or in another place")
	}
	inEnvOn(t, body, func(t *testing.T, e *env) {
		warning := "::warning title=a permanent environment shares with pull requests::base stack hello-world-base has no repository " +
			"and roles for permanent environments only, so production shares RepositoryName, RepositoryUri, TaskExecutionRoleArn, TaskRoleArn with pull requests"
		e.run("opened", oneCommit, "INPUT_ENVIRONMENT=production").want(t, 0, "created", warning)
		if r := e.run("opened", oneCommit); strings.Contains(r.Log(), "a permanent environment") {
			t.Errorf("a pull request's environment is warned of, too:\n%s", r.Log())
		}

		e.run("opened", oneCommit, "INPUT_COMMAND=bootstrap").want(t, 0, "updated", "")
		if r := e.run("opened", oneCommit, "INPUT_ENVIRONMENT=production"); strings.Contains(r.Log(), "a permanent environment") {
			t.Errorf("it is warned of after bootstrap:\n%s", r.Log())
		}
	})
}
