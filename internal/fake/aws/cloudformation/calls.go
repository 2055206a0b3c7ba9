package cloudformation

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Operations returns the API.
func (c *Engine) Operations() wire.Operations {
	return wire.Operations{Query: map[string]wire.Query{
		"CreateStack":                 c.createStack,
		"UpdateStack":                 c.updateStack,
		"DeleteStack":                 c.deleteStack,
		"CancelUpdateStack":           c.cancelUpdateStack,
		"ContinueUpdateRollback":      c.continueUpdateRollback,
		"RollbackStack":               c.rollbackStack,
		"DescribeEvents":              c.describeEvents,
		"UpdateTerminationProtection": c.updateTerminationProtection,
		"SetStackPolicy":              c.setStackPolicy,
		"GetStackPolicy":              c.getStackPolicy,
		"DescribeStacks":              c.describeStacks,
		"DescribeStackEvents":         c.describeStackEvents,
		"ListStackResources":          c.listStackResources,
		"GetTemplate":                 c.getTemplate,
		"GetTemplateSummary":          c.getTemplateSummary,
		"CreateChangeSet":             c.createChangeSet,
		"DescribeChangeSet":           c.describeChangeSet,
		"ExecuteChangeSet":            c.executeChangeSet,
		"DeleteChangeSet":             c.deleteChangeSet,
		"ListChangeSets":              c.listChangeSets,
	}}
}

type stackID struct {
	StackID     string `xml:"StackId"`
	OperationID string `xml:"OperationId,omitempty"`
}

func (c *Engine) createStack(form url.Values) (any, error) {
	name, token := form.Get("StackName"), form.Get("ClientRequestToken")
	if s := c.stack(name); s != nil {
		if token != "" && s.tokens[token] == "CreateStack" {
			return c.repeated(s, token)
		}
		return nil, &wire.APIError{Code: "AlreadyExistsException", Message: fmt.Sprintf("Stack [%s] already exists", name)}
	}
	with, err := c.settings(form, nil)
	if err != nil {
		return nil, err
	}
	by, err := c.caller(form, nil)
	if err != nil {
		return nil, err
	}
	policy, err := givenPolicy(form, "StackPolicyBody")
	if err != nil {
		return nil, err
	}
	s := c.newStack(name, with)
	s.policy = policy
	s.tokens[token], s.protected = "CreateStack", form.Get("EnableTerminationProtection") == "true"
	o := c.begin(s, by)
	o.onFailure = form.Get("OnFailure")
	if form.Get("DisableRollback") == "true" {
		o.onFailure = "DO_NOTHING"
	}
	c.setStatus(s, "CREATE_IN_PROGRESS", "User Initiated")
	o.create()
	if minutes, _ := strconv.Atoi(form.Get("TimeoutInMinutes")); minutes > 0 {
		o.later(time.Duration(minutes)*time.Minute, o.walk.cancel)
	}
	return stackID{s.id, o.id}, nil
}

// newStack returns a new stack, which has no status yet.
func (c *Engine) newStack(name string, with settings) *stack {
	s := &stack{
		id: c.account.ARN("cloudformation", "stack/"+name+"/"+c.account.UUID()), name: name, created: c.account.Now(), settings: with,
		resources: map[string]*Resource{}, states: map[string]state{}, tokens: map[string]string{},
	}
	c.stacks = append(c.stacks, s)
	return s
}

// repeated answers a call that was made before: the SDK repeats a call whose answer was lost, with the
// same token.
func (c *Engine) repeated(s *stack, token string) (any, error) {
	if c.options.StrictTokens && s.operation != nil && s.operation.token == token {
		return nil, &wire.APIError{Code: "TokenAlreadyExistsException",
			Message: fmt.Sprintf("Client request token %s is already in use by an operation of stack %s", token, s.id)}
	}
	return stackID{StackID: s.id}, nil
}

// updatable are the statuses in which a stack can be updated.
var updatable = []string{
	"CREATE_COMPLETE", "UPDATE_FAILED", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
}

func (c *Engine) updateStack(form url.Values) (any, error) {
	name, token := form.Get("StackName"), form.Get("ClientRequestToken")
	s := c.stack(name)
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", name))
	}
	if token != "" && s.tokens[token] == "UpdateStack" {
		return c.repeated(s, token)
	}
	if s.status == "UPDATE_FAILED" && form.Get("DisableRollback") != "true" {
		return nil, wire.Invalid("This stack is currently in a non-terminal [UPDATE_FAILED] state. " +
			"To update the stack from this state, please use the disable-rollback parameter with update-stack API. " +
			"To rollback to the last known good state, use the rollback-stack API")
	}
	if !slices.Contains(updatable, s.status) {
		return nil, wire.Invalid(fmt.Sprintf("Stack:%s is in %s state and can not be updated.", s.id, s.status))
	}
	with, err := c.settings(form, s)
	if err != nil {
		return nil, err
	}
	by, err := c.caller(form, s)
	if err != nil {
		return nil, err
	}
	changes, err := c.changes(s, with)
	if err != nil {
		return nil, err
	}
	if !changes {
		return nil, wire.Invalid("No updates are to be performed.")
	}
	during, err := givenPolicy(form, "StackPolicyDuringUpdateBody")
	if err != nil {
		return nil, err
	}
	policy, err := givenPolicy(form, "StackPolicyBody")
	if err != nil {
		return nil, err
	}
	s.updated = c.account.Now()
	s.tokens[token] = "UpdateStack"
	s.outdate()
	o := c.begin(s, by)
	o.policy = cmp.Or(during, s.policy)
	s.policy = cmp.Or(policy, s.policy)
	if form.Get("DisableRollback") == "true" {
		o.onFailure = "DO_NOTHING"
	}
	c.setStatus(s, "UPDATE_IN_PROGRESS", "User Initiated")
	o.update(with)
	return stackID{s.id, o.id}, nil
}

func (c *Engine) deleteStack(form url.Values) (any, error) {
	name := form.Get("StackName")
	s := c.stack(name)
	switch {
	case s == nil, s.status == "DELETE_COMPLETE", s.status == "DELETE_IN_PROGRESS":
		return nil, nil
	case s.protected:
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] cannot be deleted while TerminationProtection is enabled", s.name))
	case strings.HasPrefix(s.status, "UPDATE_") && strings.HasSuffix(s.status, "_IN_PROGRESS"):
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] cannot be deleted while in status %s", s.name, s.status))
	}
	retain := wire.Members(form, "RetainResources")
	if len(retain) > 0 && s.status != "DELETE_FAILED" {
		return nil, wire.Invalid("Invalid operation on stack [" + s.id + "]. " +
			"When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.")
	}
	by, err := c.caller(form, s)
	if err != nil {
		return nil, err
	}
	c.begin(s, by).delete(retain, form.Get("DeletionMode") == "FORCE_DELETE_STACK")
	return nil, nil
}

func (c *Engine) cancelUpdateStack(form url.Values) (any, error) {
	s := c.stack(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", form.Get("StackName")))
	}
	if s.status != "UPDATE_IN_PROGRESS" || s.operation == nil {
		return nil, wire.Invalid("CancelUpdateStack cannot be called from current stack status")
	}
	s.operation.onFailure = ""
	s.operation.walk.cancel()
	return nil, nil
}

func (c *Engine) updateTerminationProtection(form url.Values) (any, error) {
	s := c.stack(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", form.Get("StackName")))
	}
	s.protected = form.Get("EnableTerminationProtection") == "true"
	return stackID{StackID: s.id}, nil
}

// settings reads what a call asks a stack to be, and validates it as CloudFormation does. was is
// the stack to update.
func (c *Engine) settings(form url.Values, was *stack) (settings, error) {
	with := settings{
		tags:         wire.Pairs(form, "Tags", "Key", "Value"),
		capabilities: wire.Members(form, "Capabilities"),
		roleARN:      form.Get("RoleARN"),
	}
	var err error
	if was != nil && form.Get("UsePreviousTemplate") == "true" {
		with.body = was.settings.body
	} else if with.body, err = c.body(form); err != nil {
		return settings{}, err
	}
	if was != nil && with.roleARN == "" {
		with.roleARN = was.settings.roleARN
	}
	if was != nil && !asksForTags(form) {
		with.tags = was.settings.tags // an update that names no tags keeps them
	}
	if with.template, err = c.parseTemplate(with.body); err != nil {
		return settings{}, err
	}
	if needed, _ := with.template.capabilities(); len(needed) > 0 && !acknowledged(with.capabilities, needed[0]) {
		return settings{}, &wire.APIError{Code: "InsufficientCapabilitiesException", Message: fmt.Sprintf("Requires capabilities : [%s]", needed[0])}
	}
	given, err := givenParameters(form, was)
	if err != nil {
		return settings{}, err
	}
	if with.parameters, err = with.template.fill(given); err != nil {
		return settings{}, err
	}
	by, err := c.caller(form, was)
	if err != nil {
		return settings{}, err
	}
	return c.validated(with, by.principal)
}

// validated looks up what the parameters stand for and checks the template's rules.
func (c *Engine) validated(with settings, by *account.Principal) (settings, error) {
	var err error
	if with.values, err = c.lookUp(with.template, with.parameters, by); err != nil {
		return settings{}, err
	}
	return with, c.scope(&stack{}, with).checkRules()
}

// asksForTags reports whether a call names tags. "If you don't specify this parameter, CloudFormation
// doesn't modify the stack's tags. If you specify an empty value, CloudFormation removes all associated
// tags": the SDK sends an empty list as Tags=.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
func asksForTags(form url.Values) bool {
	for name := range form {
		if name == "Tags" || strings.HasPrefix(name, "Tags.") {
			return true
		}
	}
	return false
}

func acknowledged(given []string, needed string) bool {
	return slices.Contains(given, needed) || needed == "CAPABILITY_IAM" && slices.Contains(given, "CAPABILITY_NAMED_IAM")
}
