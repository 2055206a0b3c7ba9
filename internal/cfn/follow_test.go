package cfn_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
)

// However AWS misbehaves, the deployment succeeds, and every event is reported once.
func TestFollow_reports_every_event_exactly_once(t *testing.T) {
	for behavior, test := range map[string]struct {
		options fakeaws.Options
		faults  []fakeaws.Fault
	}{
		"small pages":      {options: fakeaws.Options{PageSize: 2}},
		"duplicate events": {options: fakeaws.Options{DuplicateEvents: true, PageSize: 3}},
		"late events": {options: fakeaws.Options{EventDelay: func(logicalID, status string) time.Duration {
			if logicalID == "Subnet" {
				return 4 * time.Second // after the stack's own last event, when the stack is idle
			}
			return 0
		}}},
		"throttled at every second call": {faults: []fakeaws.Fault{{Every: 2, Code: "Throttling", Message: "Rate exceeded"}}},
		"throttled on the second page": {
			options: fakeaws.Options{PageSize: 2},
			faults:  []fakeaws.Fault{{Operation: "DescribeStackEvents", Every: 2, Code: "Throttling", Message: "Rate exceeded"}},
		},
		"broken connections":                 {faults: []fakeaws.Fault{{Operation: "DescribeStackEvents", Every: 3, Break: true}}},
		"a fault of the service":             {faults: []fakeaws.Fault{{Every: 3, Code: "InternalFailure", Status: 500}}},
		"an account that is busy":            {options: fakeaws.Options{Rate: fakeaws.RateLimit{PerSecond: 0.3, Burst: 1}}},
		"the answer to the creation is lost": {faults: []fakeaws.Fault{{Operation: "CreateStack", Times: 1, Lost: true}}},
		"the new stack has no events yet": {faults: []fakeaws.Fault{
			{Operation: "DescribeStackEvents", Times: 20, Code: "ValidationError", Message: unknownStack},
		}},
		"the new stack cannot be described yet": {faults: []fakeaws.Fault{
			{Operation: "DescribeStacks", Skip: 1, Times: 20, Code: "ValidationError", Message: unknownStack},
		}},
	} {
		t.Run(behavior, func(t *testing.T) {
			inBubble(t, test.options, func(t *testing.T, w *env) {
				for _, fault := range test.faults {
					w.Inject(fault)
				}
				stack := w.deploy(t, deployment(network), cfn.Created)
				<-time.After(time.Minute) // until the late events can be read, too
				want, got := w.history(t, stack.ID), w.seen()
				slices.Sort(want)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the reported events differ from the stack's history (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// unknownStack is CloudFormation's answer about a stack that it does not find by its ID (stacker#683).
const unknownStack = "Stack [arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-pr-7/0] does not exist"

func TestFollow_ends_if_the_stack_never_appears(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		for _, operation := range []string{"DescribeStackEvents", "DescribeStacks"} {
			w.Inject(fakeaws.Fault{Operation: operation, Code: "ValidationError", Message: unknownStack})
		}
		began := time.Now()
		var last error
		for _, err := range cfn.Read(w.client, t.Context(), stack.ID, "token") {
			last = err
		}
		if took := time.Since(began); !errors.Is(last, cfn.ErrNotFound) || took < 30*time.Second || took > 32*time.Second {
			t.Errorf("Read = %v after %s, want ErrNotFound after 30s", last, took)
		}
	})
}

func TestFollow_notices_the_end_within_a_second_and_a_half(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		w.deploy(t, deployment(network), cfn.Created)
		if late := time.Since(w.events[len(w.events)-1].Time); late > 1500*time.Millisecond {
			t.Errorf("Deploy returned %v after the last event, want at most 1.5s", late)
		}
	})
}

// If an export of the stack is in use, its deletion fails and the stack has its old status again,
// perhaps without an event. Here no event has the token, so Read must end without one.
func TestFollow_ends_when_the_stack_is_idle_without_an_event(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		began := time.Now()
		for _, err := range cfn.Read(w.client, t.Context(), stack.ID, "a-token-that-no-event-has") {
			if err != nil {
				t.Fatalf("Read = %v", err)
			}
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("Read took %v to notice that nothing is happening", took)
		}
	})
}

func TestFollow_reads_few_pages_of_a_long_history(t *testing.T) {
	inBubble(t, fakeaws.Options{PageSize: 10}, func(t *testing.T, w *env) {
		w.deploy(t, deployment(network), cfn.Created)
		for round := range 12 {
			<-time.After(2 * time.Minute)
			d := deployment(network)
			d.Parameters = map[string]string{"Retention": []string{"14", "7"}[round%2]}
			w.deploy(t, d, cfn.Updated)
		}
		count := func() (n int) {
			for _, call := range w.Calls() {
				if call.Operation == "DescribeStackEvents" {
					n++
				}
			}
			return n
		}
		<-time.After(2 * time.Minute)
		before, began := count(), time.Now()
		d := deployment(network)
		d.Parameters = map[string]string{"Retention": "14"}
		w.deploy(t, d, cfn.Updated)
		polls := int(time.Since(began)/(750*time.Millisecond)) + 1
		if got := count() - before; got > 2*polls {
			t.Errorf("an update with %d polls read %d pages, want at most two a poll", polls, got)
		}
	})
}

func TestFollow_ends_with_an_error_when_access_is_denied(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		w.Inject(fakeaws.Fault{Operation: "DescribeStackEvents", Code: "AccessDenied", Message: "not authorized", Status: 403})
		var last error
		for _, err := range cfn.Read(w.client, t.Context(), stack.ID, "token") {
			last = err
		}
		if last == nil {
			t.Error("Read returned no error, want AccessDenied")
		}
	})
}

func TestResources_reads_all_pages(t *testing.T) {
	inBubble(t, fakeaws.Options{PageSize: 1}, func(t *testing.T, w *env) {
		stack := w.deploy(t, deployment(network), cfn.Created)
		var got []string
		for r, err := range w.client.Resources(t.Context(), stack.ID) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.LogicalID+" "+r.Type)
		}
		slices.Sort(got)
		want := []string{"Logs AWS::EC2::RouteTable", "Network AWS::EC2::VPC", "Subnet AWS::EC2::Subnet"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Resources differ (-want +got):\n%s", diff)
		}
	})
}

// answers gives every call the same answer.
type answers string

func (a answers) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(a)))}, nil
}

// If a resource was just begun, its ID may be empty. ECS would be asked for a service without a name.
func TestResources_leaves_out_what_has_no_ID_yet(t *testing.T) {
	resource := func(logicalID, physicalID string) string {
		return "<member><LogicalResourceId>" + logicalID + "</LogicalResourceId>" + physicalID +
			"<ResourceType>AWS::ECS::Service</ResourceType><ResourceStatus>CREATE_IN_PROGRESS</ResourceStatus></member>"
	}
	api := cloudformation.New(cloudformation.Options{
		Region: "eu-north-1", Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
		HTTPClient: answers("<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>" +
			resource("Begun", "<PhysicalResourceId></PhysicalResourceId>") + resource("Waiting", "") +
			resource("Named", "<PhysicalResourceId>arn</PhysicalResourceId>") +
			"</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>"),
	})
	var got []cfn.Resource
	for r, err := range (&cfn.Client{API: api}).Resources(t.Context(), name) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if want := []cfn.Resource{{LogicalID: "Named", PhysicalID: "arn", Type: "AWS::ECS::Service"}}; !slices.Equal(got, want) {
		t.Errorf("Resources = %+v, want %+v", got, want)
	}
}

func TestSummarize(t *testing.T) {
	inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
		got, err := w.client.Summarize(t.Context(), cfn.Template{Body: `
Parameters:
  Given: {Type: String}
  Default: {Type: String, Default: ""}
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
`})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(got.Parameters, func(a, b cfn.Parameter) int { return len(a.Name) - len(b.Name) })
		want := cfn.Summary{
			Parameters:   []cfn.Parameter{{Name: "Given"}, {Name: "Default", HasDefault: true}},
			Capabilities: []string{"CAPABILITY_IAM"}, Types: []string{"AWS::IAM::Role"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Summarize differs (-want +got):\n%s", diff)
		}
	})
}
