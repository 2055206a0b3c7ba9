package cloudformation

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// stack is one stack, with its whole history.
type stack struct {
	id, name       string
	status, reason string
	created        time.Time
	updated        time.Time
	deleted        time.Time // when the last deletion or rollback of its creation began, or the deletion ended

	settings          settings
	outputs           []stackOutput
	past              []pastState          // oldest first; the last is the present
	resources         map[string]*Resource // those that exist, by logical ID
	states            map[string]state     // of every resource that any operation touched
	events            []stackEvent         // oldest first
	operation         *operation           // in progress; nil if there is none
	halted            *operation           // an update that stopped half-way, from which it can be rolled back; else nil
	failedValidations []failedValidation
	changeSets        []*changeSet
	protected         bool
	policy            *stackPolicy      // nil: everything may be updated
	parent            string            // ID of the stack that it is a part of, or ""
	tokens            map[string]string // ClientRequestToken → the call that used it
}

// settings is what CreateStack or UpdateStack asks a stack to be.
type settings struct {
	body         string
	template     *template
	parameters   map[string]string // as they were given
	values       map[string]string // the same, with values from the Parameter Store in place of their names
	tags         map[string]string
	capabilities []string
	roleARN      string
}

// state is what ListStackResources shows of a resource.
type state struct {
	resource       *Resource
	status, reason string
	at             time.Time
}

// pastState is what a stack was like from a point in time on.
type pastState struct {
	at, deleted    time.Time
	status, reason string
	outputs        []stackOutput
}

// asOf returns what the stack was like then, or at its creation.
func (s *stack) asOf(then time.Time) pastState {
	found := s.past[0]
	for _, p := range s.past {
		if !p.at.After(then) {
			found = p
		}
	}
	return found
}

type stackOutput struct {
	Key         string `xml:"OutputKey"`
	ExportName  string `xml:"ExportName,omitempty"`
	Value       string `xml:"OutputValue"`
	Description string `xml:"Description,omitempty"`
}

type stackEvent struct {
	id, token, operation  string
	at, visible           time.Time
	logicalID, physicalID string
	kind, status, reason  string
	properties            string
	hook                  hookEvent
}

// stack finds a stack by its name or its ID. A deleted stack is found by its ID only.
func (c *Engine) stack(nameOrID string) *stack {
	for _, s := range slices.Backward(c.stacks) {
		if s.id == nameOrID || s.name == nameOrID && s.status != "DELETE_COMPLETE" {
			return s
		}
	}
	return nil
}

// readable finds a stack for a call that reads it. These calls are eventually consistent: right after
// CreateStack they may not know the stack (cloudtools/stacker#683, aws-cdk-cli#1803).
func (c *Engine) readable(nameOrID string) *stack {
	s := c.stack(nameOrID)
	if s != nil && c.account.Now().Sub(s.created) < c.options.CreateLag {
		return nil
	}
	return s
}

// scope returns what the functions in the stack's template are resolved in.
func (c *Engine) scope(s *stack, with settings) scope {
	return scope{
		template:   with.template,
		parameters: with.values,
		imported:   c.importValue,
		resource:   func(id string) *Resource { return s.resources[id] },
		pseudo: map[string]string{
			"AWS::AccountId": c.account.ID,
			"AWS::Region":    c.account.Region,
			"AWS::StackName": s.name,
			"AWS::StackId":   s.id,
			"AWS::Partition": "aws",
			"AWS::URLSuffix": "amazonaws.com",
		},
	}
}

// needs returns the resources that a stack with these settings has, each with those that it needs.
func (c *Engine) needs(s *stack, with settings) map[string][]string {
	needs, scope := map[string][]string{}, c.scope(s, with)
	for id, r := range with.template.Resources {
		if holds, _ := scope.holds(r.Condition); holds {
			needs[id] = r.Needs
		}
	}
	return needs
}

// setStatus sets the stack's status and records an event. The IDs of the stack's own events are
// plain UUIDs.
func (c *Engine) setStatus(s *stack, status, reason string) {
	s.status, s.reason = status, reason
	s.past = append(s.past, pastState{c.account.Now(), s.deleted, status, reason, s.outputs})
	c.record(s, stackEvent{
		id: c.account.UUID(), logicalID: s.name, physicalID: s.id, kind: "AWS::CloudFormation::Stack", status: status, reason: reason,
	})
}

// recordResource records an event of a resource.
func (c *Engine) recordResource(r *Resource, status, reason string) {
	s := r.stack
	id := fmt.Sprintf("%s-%s-%s", r.LogicalID, status, c.account.Now().UTC().Format("2006-01-02T15:04:05.000Z"))
	if strings.HasPrefix(status, "DELETE") || slices.ContainsFunc(s.events, func(e stackEvent) bool { return e.id == id }) {
		id = r.LogicalID + "-" + c.account.UUID()
	}
	properties := ""
	if !c.options.BareEvents {
		text, _ := json.Marshal(r.Properties)
		properties = string(text)
	}
	// The clean-up of an update deletes the resource that was replaced: the one that replaced it
	// stays what the stack lists under the name.
	if current := s.resources[r.LogicalID]; current == nil || current == r || !strings.HasPrefix(status, "DELETE_") {
		s.states[r.LogicalID] = state{resource: r, status: status, reason: reason, at: c.account.Now()}
	}
	c.record(s, stackEvent{
		id: id, logicalID: r.LogicalID, physicalID: r.PhysicalID, kind: r.Type, status: status, reason: reason,
		properties: properties,
	})
}

func (c *Engine) record(s *stack, e stackEvent) {
	e.at, e.visible = c.account.Now(), c.account.Now()
	if c.options.EventDelay != nil {
		e.visible = e.at.Add(c.options.EventDelay(e.logicalID, e.status))
	}
	if s.operation != nil {
		e.token, e.operation = s.operation.token, s.operation.id
	}
	s.events = append(s.events, e)
}

// SetStatus puts a stack into a status, as an operation would that was begun elsewhere long ago,
// and records an event. Nothing goes on from there by itself.
func (c *Engine) SetStatus(stackName, status, reason string) {
	c.account.Lock()
	defer c.account.Unlock()
	c.account.Advance()
	s := c.stack(stackName)
	if s.operation != nil {
		s.operation.ended = true
		s.operation = nil
	}
	s.halted = nil
	c.setStatus(s, status, reason)
}

// Timeline writes the history of every stack of that name, one line an event: seconds since the
// stack's first event, resource, status, reason.
func (c *Engine) Timeline(w io.Writer, stackName string) {
	c.account.Lock()
	defer c.account.Unlock()
	c.account.Advance()
	for _, s := range c.stacks {
		if s.name != stackName {
			continue
		}
		for _, e := range s.events {
			line := fmt.Sprintf("%6.1f  %-44s %-20s %s", e.at.Sub(s.events[0].at).Seconds(), e.status, e.logicalID, e.reason)
			fmt.Fprintln(w, strings.TrimRight(line, " "))
		}
	}
}
