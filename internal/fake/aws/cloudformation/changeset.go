package cloudformation

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/wire"
)

// changeSet is what an operation would do to a stack, worked out before it begins.
type changeSet struct {
	id, name          string
	stack             *stack
	created           time.Time
	with              settings
	creates           bool // its type is CREATE
	onFailure         string
	status, execution string
	reason            string
	changes           []resourceChange
}

const (
	// changeSetTime is how long CloudFormation takes to work out a change set: the Go waiter, which looks
	// every 30 s, and users who look every second report about five seconds.
	changeSetTime = 5 * time.Second
	// noChanges is the reason of a change set without changes (elias5000/clouds-aws#9).
	noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."
)

// createChangeSet begins to work out a change set. One of the type CREATE makes its stack, without a
// template or a resource, in REVIEW_IN_PROGRESS; later ones may be of the same type until one of them is
// executed (aws-cdk#6674). The words are from ecs_composex#785 and saksdirect/nova#10.
func (c *Engine) createChangeSet(form url.Values) (any, error) {
	name, changeSetName := form.Get("StackName"), form.Get("ChangeSetName")
	s := c.stack(name)
	under := s != nil && s.status == "REVIEW_IN_PROGRESS"
	creates := form.Get("ChangeSetType") == "CREATE"
	switch {
	case creates && s != nil && !under:
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] already exists and cannot be created again with the changeSet [%s].", name, changeSetName))
	case !creates && (s == nil || under):
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", name))
	case !creates && !slices.Contains(updatable, s.status):
		return nil, wire.Invalid(fmt.Sprintf("Stack:%s is in %s state and can not be updated.", s.id, s.status))
	case s != nil && s.changeSet(changeSetName) != nil:
		return nil, &wire.APIError{Code: "AlreadyExistsException", Message: fmt.Sprintf(
			"ChangeSet %s cannot be created due to a mismatch with existing attribute Template", changeSetName)}
	}
	was := s
	if creates {
		was = nil
	}
	with, err := c.settings(form, was)
	if err != nil {
		return nil, err
	}
	if _, err := c.caller(form, was); err != nil {
		return nil, err
	}
	if s == nil {
		s = c.newStack(name, settings{template: &template{}})
		c.setStatus(s, "REVIEW_IN_PROGRESS", "User Initiated")
	}
	set := &changeSet{
		id: c.account.ARN("cloudformation", "changeSet/"+changeSetName+"/"+c.account.UUID()), name: changeSetName, stack: s,
		created: c.account.Now(), with: with, creates: creates, onFailure: form.Get("OnStackFailure"),
		status: "CREATE_IN_PROGRESS", execution: "UNAVAILABLE",
	}
	s.changeSets = append(s.changeSets, set)
	c.account.After(changeSetTime, func() { c.workOut(set) })
	return struct {
		ID      string `xml:"Id"`
		StackID string `xml:"StackId"`
	}{set.id, s.id}, nil
}

// workOut completes a change set, unless it was deleted meanwhile.
func (c *Engine) workOut(set *changeSet) {
	if set.status != "CREATE_IN_PROGRESS" {
		return
	}
	changes := true
	var err error
	if !set.creates {
		changes, err = c.changes(set.stack, set.with)
	}
	switch {
	case err != nil:
		set.status, set.reason = "FAILED", err.Error()
	case !changes:
		set.status, set.reason = "FAILED", noChanges
	default:
		set.status, set.execution = "CREATE_COMPLETE", "AVAILABLE"
		set.changes = c.compare(set.stack, set.with)
	}
}

// executeChangeSet begins the operation that a change set describes. The stack's other change sets are
// deleted, as they are not valid for the stack any more.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
func (c *Engine) executeChangeSet(form url.Values) (any, error) {
	set, err := c.changeSetOf(form)
	if err != nil {
		return nil, err
	}
	s := set.stack
	status := &wire.APIError{Code: "InvalidChangeSetStatus"}
	switch { // saksdirect/nova#10, amazon-chime-sdk-js#1089
	case set.status != "CREATE_COMPLETE":
		status.Message = fmt.Sprintf("ChangeSet [%s] cannot be executed in its current status of [%s]", set.id, set.status)
		return nil, status
	case set.execution != "AVAILABLE":
		status.Message = fmt.Sprintf("ChangeSet [%s] cannot be executed in its current execution status of [%s]", set.id, set.execution)
		return nil, status
	}
	by, err := c.caller(url.Values{"RoleARN": {set.with.roleARN}, "ClientRequestToken": {form.Get("ClientRequestToken")}}, nil)
	if err != nil {
		return nil, err
	}
	s.changeSets = []*changeSet{set}
	set.execution = "EXECUTE_COMPLETE"
	o := c.begin(s, by)
	o.onFailure = set.onFailure
	if form.Get("DisableRollback") == "true" {
		o.onFailure = "DO_NOTHING"
	}
	if set.creates {
		s.settings = set.with
		c.setStatus(s, "CREATE_IN_PROGRESS", "User Initiated")
		o.create()
		return nil, nil
	}
	s.updated = c.account.Now()
	c.setStatus(s, "UPDATE_IN_PROGRESS", "User Initiated")
	o.update(set.with)
	return nil, nil
}

// deleteChangeSet deletes a change set, if there is one. A stack that it has made stays in
// REVIEW_IN_PROGRESS.
func (c *Engine) deleteChangeSet(form url.Values) (any, error) {
	if set, err := c.changeSetOf(form); err == nil {
		set.status = "DELETE_COMPLETE"
		set.stack.changeSets = slices.DeleteFunc(set.stack.changeSets, func(one *changeSet) bool { return one == set })
	}
	return nil, nil
}

// outdate makes a stack's change sets obsolete: an update has begun that does not come from them.
func (s *stack) outdate() {
	for _, set := range s.changeSets {
		if set.execution == "AVAILABLE" {
			set.execution = "OBSOLETE"
		}
	}
}

func (s *stack) changeSet(name string) *changeSet {
	for _, set := range s.changeSets {
		if set.name == name {
			return set
		}
	}
	return nil
}

// changeSetOf returns the change set of a call, which names it by its ARN, or by its name and its stack.
// The words are those of aws/serverless-application-model#52.
func (c *Engine) changeSetOf(form url.Values) (*changeSet, error) {
	name := form.Get("ChangeSetName")
	for _, s := range c.stacks {
		for _, set := range s.changeSets {
			if set.id == name || set.name == name && c.stack(form.Get("StackName")) == s {
				return set, nil
			}
		}
	}
	if stackName := form.Get("StackName"); !strings.HasPrefix(name, "arn:") && c.stack(stackName) == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", stackName))
	}
	return nil, &wire.APIError{Status: 404, Code: "ChangeSetNotFound", Message: fmt.Sprintf("ChangeSet [%s] does not exist", name)}
}
