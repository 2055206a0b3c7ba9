package cloudformation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
)

// ParameterType is a type of parameters whose values CloudFormation looks up in the account, such as
// AWS::EC2::VPC::Id.
type ParameterType struct {
	Action string // that looks a value up, with the caller's rights
	Exists func(value string) bool
}

// RegisterParameters adds types of parameters, by their name.
func (c *Engine) RegisterParameters(types map[string]ParameterType) { maps.Copy(c.parameters, types) }

// notFound returns which parameters have values that the account does not have, or "". CloudFormation
// looks them up when it has accepted the call, before the first resource, and each value of a list by
// itself (PacktPublishing/Implementing-DevOps-on-AWS#2). For a caller who may not look a value up it does
// not exist: in a published CloudTrail log, ec2:DescribeInstances was refused, and the stack's event said
// so of instances that ran.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
func (o *operation) notFound() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(o.stack.settings.parameters)) {
		p := o.stack.settings.template.Parameters[name]
		kind, known := o.engine.parameters[strings.TrimSuffix(strings.TrimPrefix(p.Type, "List<"), ">")]
		if !known {
			continue
		}
		denied := o.principal.Check(account.Access{Action: kind.Action, Resource: "*"}) != nil
		for _, value := range p.split(o.stack.settings.parameters[name]) {
			if denied || !kind.Exists(value) {
				list = append(list, fmt.Sprintf("parameter value %s for parameter name %s does not exist", value, name))
			}
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "Parameter validation failed: " + strings.Join(list, ", ")
}
