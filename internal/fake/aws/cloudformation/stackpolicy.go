package cloudformation

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// stackPolicy says which resources an update may change. A stack without one, or with {}, may be updated
// as a whole. It is not asked when a stack is created, rolled back or deleted.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
type stackPolicy struct {
	body       string
	statements []policyStatement
}

// policyStatement allows or denies actions: Update:Modify, Update:Replace, Update:Delete, or a pattern of
// them. A resource is LogicalResourceId/ID, or a pattern of it.
type policyStatement struct {
	deny                     bool
	actions, resources       []string
	allActions, allResources bool     // but for those that are listed: NotAction, NotResource
	types                    []string // of the condition StringEquals on ResourceType; nil: any
}

// errStackPolicy is the answer to every policy that is not valid. The recorded answers are those in
// LocalStack's test_stack_policies.snapshot.json.
var errStackPolicy = wire.Invalid("Error validating stack policy: Invalid stack policy")

func parseStackPolicy(body string) (*stackPolicy, error) {
	var document map[string]any
	if json.Unmarshal([]byte(body), &document) != nil {
		return nil, errStackPolicy
	}
	policy := &stackPolicy{body: body}
	list := property.List(document["Statement"])
	if one := property.Object(document["Statement"]); one != nil {
		list = []any{one}
	}
	for _, v := range list {
		s, err := parsePolicyStatement(property.Object(v))
		if err != nil {
			return nil, err
		}
		policy.statements = append(policy.statements, s)
	}
	return policy, nil
}

func parsePolicyStatement(v map[string]any) (policyStatement, error) {
	effect := property.Text(v["Effect"])
	s := policyStatement{deny: effect == "Deny", actions: texts(v["Action"]), resources: texts(v["Resource"])}
	if v["NotAction"] != nil {
		s.allActions, s.actions = true, texts(v["NotAction"])
	}
	if v["NotResource"] != nil {
		s.allResources, s.resources = true, texts(v["NotResource"])
	}
	equals := property.Object(property.Object(v["Condition"])["StringEquals"])
	s.types = texts(equals["ResourceType"])
	valid := (effect == "Allow" || s.deny) && property.Text(v["Principal"]) == "*" && len(s.actions) > 0 && len(s.resources) > 0
	for _, action := range s.actions {
		valid = valid && strings.HasPrefix(action, "Update:")
	}
	if !valid {
		return policyStatement{}, errStackPolicy
	}
	return s, nil
}

// texts returns a list of strings, which may be written as one string.
func texts(v any) []string {
	if text, ok := v.(string); ok {
		return []string{text}
	}
	return property.Texts(v)
}

// check returns an error if the policy does not allow an action on a resource. A statement that denies
// it has precedence over those that allow it. The words of a denial are recorded, with a semicolon at
// the end: "Action denied by stack policy: Statement [#1] does not allow [Update:*] for resource [*];".
// There the number 1 is that of the first statement, or of a second one after a statement that allows
// everything, so that it seems to count the statements that deny. Where none allows the action, the
// words begin as those that LocalStack's tests expect of AWS.
func (p *stackPolicy) check(action string, r *Resource) error {
	if p == nil || len(p.statements) == 0 {
		return nil
	}
	allowed, denials, text := false, 0, "Action denied by stack policy:"
	for _, s := range p.statements {
		switch {
		case !s.covers(action, r):
		case s.deny:
			denials++
			text += fmt.Sprintf(" Statement [#%d] does not allow [%s] for resource [%s];",
				denials, strings.Join(s.actions, ", "), strings.Join(s.resources, ", "))
		default:
			allowed = true
		}
	}
	switch {
	case denials > 0:
		return wire.Reason(text)
	case !allowed:
		return wire.Reason(fmt.Sprintf("Action not allowed by stack policy: [%s] for resource [LogicalResourceId/%s]", action, r.LogicalID))
	}
	return nil
}

func (s policyStatement) covers(action string, r *Resource) bool {
	fits := func(value string) func(pattern string) bool {
		return func(pattern string) bool {
			if pattern == "*" {
				return true
			}
			match, _ := path.Match(pattern, value)
			return match
		}
	}
	return slices.ContainsFunc(s.actions, fits(action)) != s.allActions &&
		slices.ContainsFunc(s.resources, fits("LogicalResourceId/"+r.LogicalID)) != s.allResources &&
		(s.types == nil || slices.ContainsFunc(s.types, fits(r.Type)))
}

// givenPolicy returns the stack policy that a call has in one of its parameters, or nil.
func givenPolicy(form url.Values, name string) (*stackPolicy, error) {
	if !form.Has(name) {
		return nil, nil
	}
	return parseStackPolicy(form.Get(name))
}

func (c *Engine) setStackPolicy(form url.Values) (any, error) {
	s := c.stack(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", form.Get("StackName")))
	}
	policy, err := parseStackPolicy(form.Get("StackPolicyBody"))
	if err != nil {
		return nil, err
	}
	s.policy = policy
	return nil, nil
}

func (c *Engine) getStackPolicy(form url.Values) (any, error) {
	s := c.stack(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", form.Get("StackName")))
	}
	var answer struct {
		Body string `xml:"StackPolicyBody,omitempty"`
	}
	if s.policy != nil {
		answer.Body = s.policy.body
	}
	return answer, nil
}

// withPolicy adds SetStackPolicy to what a call needs, if it sets a policy, or overrides one while it
// updates: "the user must have permission to use the SetStackPolicy action".
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
func (c *Engine) withPolicy(form url.Values, list []account.Access) []account.Access {
	if form.Has("StackPolicyBody") || form.Has("StackPolicyDuringUpdateBody") {
		list = append(list, c.onStack("SetStackPolicy", form.Get("StackName")))
	}
	return list
}

// refused ends the update of a resource that the stack policy does not allow. Nothing was done to the
// resource; its only event says so, and the rollback has one that it is complete.
func (o *operation) refused(r *Resource, action string, done func(error)) bool {
	err := o.policy.check(action, r)
	if err == nil {
		return false
	}
	o.denied = append(o.denied, r)
	o.fail(r, "UPDATE", err, done)
	return true
}

// deniedDeletion returns the first resource that the update would delete and the stack policy keeps.
func (o *operation) deniedDeletion() (*Resource, bool) {
	needs := o.engine.needs(o.stack, o.target)
	for _, id := range slices.Sorted(maps.Keys(o.stack.resources)) {
		if _, kept := needs[id]; !kept && o.policy.check("Update:Delete", o.stack.resources[id]) != nil {
			return o.stack.resources[id], true
		}
	}
	return nil, false
}
