package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// storedType is how the types of parameters begin whose values are names in the Parameter Store.
const storedType = "AWS::SSM::Parameter::Value<"

// lookUp returns the values of the parameters as functions see them: in place of the name of a parameter
// of Systems Manager, its value. CloudFormation reads it at each creation and update, with the rights of
// the caller or of the stack's role, before it begins.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
//
// Both refusals are recorded, with the code ValidationError: "Unable to fetch parameters
// [/cdk-bootstrap/hnb659fds/version] from parameter store for this account." and aws-cdk#20959.
func (c *Engine) lookUp(t *template, given map[string]string, by *account.Principal) (map[string]string, error) {
	values := maps.Clone(given)
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !strings.HasPrefix(t.Parameters[name].Type, storedType) {
			continue
		}
		stored := given[name]
		arn := c.account.ARN("ssm", "parameter/"+strings.TrimPrefix(stored, "/"))
		if by.Check(account.Access{Action: "ssm:GetParameters", Resource: arn}) != nil {
			return nil, wire.Invalid("AccessDenied. User doesn't have permission to call ssm:GetParameters")
		}
		value, found := c.options.StoredParameter(stored)
		if !found {
			missing = append(missing, stored)
		}
		values[name] = value
	}
	if len(missing) > 0 {
		return nil, wire.Invalid(fmt.Sprintf("Unable to fetch parameters [%s] from parameter store for this account.", strings.Join(missing, ",")))
	}
	return values, nil
}
