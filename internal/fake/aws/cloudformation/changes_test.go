package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	fakeaws "pr-stack/internal/fake/aws"
)

const unused = `
Parameters: {Unused: {Type: String, Default: a}, Shown: {Type: String, Default: a}, Used: {Type: String, Default: "1"}, More: {Type: String, Default: "no"}}
Conditions: {More: !Equals [!Ref More, "yes"]}
Resources:
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: l, RetentionInDays: !Ref Used}}
  Other: {Type: AWS::Logs::LogGroup, Condition: More, Properties: {LogGroupName: other}}
Outputs:
  Shown: {Value: !Ref Shown}
`

// An update must change a resource, an output or a tag.
func TestUpdate_that_changes_nothing(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(unused, false)
		values := map[string]string{}
		for _, step := range []struct {
			name, value string
			tags        []types.Tag
			events      string // "none": No updates are to be performed.
		}{
			{name: "Unused", value: "b", events: "none"},
			{name: "Shown", value: "b"}, // an output alone: no event of a resource
			{name: "Used", value: "3", events: "UPDATE_IN_PROGRESS Logs,UPDATE_COMPLETE Logs"},
			{name: "Unused", value: "c", tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}, events: "UPDATE_IN_PROGRESS Logs,UPDATE_COMPLETE Logs"},
			{name: "More", value: "yes", events: "CREATE_IN_PROGRESS Other,CREATE_IN_PROGRESS Other Resource creation Initiated,CREATE_COMPLETE Other"},
			{name: "More", value: "no", events: "DELETE_IN_PROGRESS Other,DELETE_COMPLETE Other"},
		} {
			values[step.name] = step.value
			before := len(s.history("s"))
			_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
				StackName: aws.String("s"), TemplateBody: aws.String(unused), Parameters: parameters(values), Tags: step.tags,
			})
			if step.events == "none" {
				s.wantInvalid(err, "No updates are to be performed.")
				continue
			}
			s.must(err)
			s.wantStatus("UPDATE_COMPLETE")
			var events []string
			for event := range strings.Lines(s.history("s")[before:]) {
				if event = strings.TrimSpace(event); !strings.Contains(event, "_IN_PROGRESS s") && !strings.Contains(event, "_COMPLETE s") {
					events = append(events, event)
				}
			}
			if got := strings.Join(events, ","); got != step.events {
				s.Errorf("%s=%s: events %q, want %q", step.name, step.value, got, step.events)
			}
		}
	})
}

func parameters(values map[string]string) (list []types.Parameter) {
	for key, value := range values {
		list = append(list, types.Parameter{ParameterKey: &key, ParameterValue: &value})
	}
	return list
}
