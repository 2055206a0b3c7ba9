package cfn_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/cfn"
	fakeaws "pr-stack/internal/fake/aws"
)

// A parameter that is kept has its value from before, also if Parameters says nothing of it. One that the
// stack lacks has the value that is given.
func TestDeploy_keeps_parameters(t *testing.T) {
	const given = `
Parameters:
  Kept: {Type: String, Default: standard}
  Changed: {Type: String, Default: standard}
%s
Resources:
  Network: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
Outputs:
  Kept: {Value: !Ref Kept}
  Changed: {Value: !Ref Changed}
`
	for name, parameters := range map[string]map[string]string{
		"given":     {"Kept": "new", "Changed": "new", "Added": "new"},
		"not given": {"Changed": "new", "Added": "new"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, fakeaws.Options{}, func(t *testing.T, w *env) {
				d := deployment(fmt.Sprintf(given, ""))
				d.Keep = []string{"Kept", "Added"} // of which a new stack has none
				d.Parameters = map[string]string{"Kept": "old", "Changed": "old"}
				w.deploy(t, d, cfn.Created)
				d.Template.Body, d.Parameters = fmt.Sprintf(given, "  Added: {Type: String}"), parameters
				stack := w.deploy(t, d, cfn.Updated)
				want := map[string]string{"Kept": "old", "Changed": "new", "Added": "new"}
				if diff := cmp.Diff(want, stack.Parameters); diff != "" {
					t.Errorf("the parameters differ (-want +got):\n%s", diff)
				}
			})
		})
	}
}
