package cloudformation

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/wire"
)

type describedStack struct {
	ID         string          `xml:"StackId"`
	Name       string          `xml:"StackName"`
	Status     string          `xml:"StackStatus"`
	Reason     string          `xml:"StackStatusReason,omitempty"`
	Created    wire.Timestamp  `xml:"CreationTime"`
	Updated    wire.Timestamp  `xml:"LastUpdatedTime"`
	Deleted    wire.Timestamp  `xml:"DeletionTime"`
	RoleARN    string          `xml:"RoleARN,omitempty"`
	Parent     string          `xml:"ParentId,omitempty"`
	Protected  *bool           `xml:"EnableTerminationProtection"`
	Parameters []describedPair `xml:"Parameters>member"`
	Outputs    []stackOutput   `xml:"Outputs>member"`
	Tags       []describedTag  `xml:"Tags>member"`
}

type describedPair struct {
	Key      string  `xml:"ParameterKey"`
	Value    string  `xml:"ParameterValue"`
	Resolved *string `xml:"ResolvedValue"`
}

type describedTag struct {
	Key, Value string
}

// describeStacks returns one stack, or all that are not deleted. A deleted stack is found by its ID
// only.
func (c *Engine) describeStacks(form url.Values) (any, error) {
	list := slices.Clone(c.stacks)
	slices.Reverse(list)
	list = slices.DeleteFunc(list, func(s *stack) bool { return s.status == "DELETE_COMPLETE" || c.readable(s.id) == nil })
	if name := form.Get("StackName"); name != "" {
		s := c.readable(name)
		if s == nil {
			return nil, wire.Invalid(fmt.Sprintf("Stack with id %s does not exist", name))
		}
		list = []*stack{s}
	}
	var answer struct {
		Stacks    []describedStack `xml:"Stacks>member"`
		NextToken string           `xml:",omitempty"`
	}
	list, answer.NextToken = wire.Page(list, form.Get("NextToken"), c.account.PageSize(100))
	for _, s := range list {
		d := s.describe()
		if c.options.Staleness != nil {
			old := s.asOf(c.account.Now().Add(-c.options.Staleness()))
			d.Status, d.Reason, d.Outputs, d.Deleted = old.status, old.reason, old.outputs, wire.Timestamp(old.deleted)
			if old.status != "DELETE_COMPLETE" {
				d.Protected = &s.protected
			}
		}
		answer.Stacks = append(answer.Stacks, d)
	}
	return answer, nil
}

func (s *stack) describe() describedStack {
	d := describedStack{
		ID: s.id, Name: s.name, Status: s.status, Reason: s.reason, RoleARN: s.settings.roleARN, Parent: s.parent, Outputs: s.outputs,
		Created: wire.Timestamp(s.created), Updated: wire.Timestamp(s.updated), Deleted: wire.Timestamp(s.deleted),
	}
	if s.status != "DELETE_COMPLETE" {
		d.Protected = &s.protected
	}
	for _, key := range slices.Sorted(maps.Keys(s.settings.parameters)) {
		v := s.settings.parameters[key]
		if s.settings.template.Parameters[key].NoEcho {
			v = "****"
		}
		pair := describedPair{Key: key, Value: v}
		if value := s.settings.values[key]; strings.HasPrefix(s.settings.template.Parameters[key].Type, storedType) {
			pair.Resolved = &value
		}
		d.Parameters = append(d.Parameters, pair)
	}
	for _, key := range slices.Sorted(maps.Keys(s.settings.tags)) {
		d.Tags = append(d.Tags, describedTag{Key: key, Value: s.settings.tags[key]})
	}
	return d
}

type describedEvent struct {
	StackID    string         `xml:"StackId"`
	StackName  string         `xml:"StackName"`
	ID         string         `xml:"EventId"`
	Time       wire.Timestamp `xml:"Timestamp"`
	LogicalID  string         `xml:"LogicalResourceId"`
	PhysicalID string         `xml:"PhysicalResourceId"`
	Type       string         `xml:"ResourceType"`
	Status     string         `xml:"ResourceStatus"`
	Detail     string         `xml:"DetailedStatus,omitempty"`
	Reason     string         `xml:"ResourceStatusReason,omitempty"`
	Token      string         `xml:"ClientRequestToken,omitempty"`
	Operation  string         `xml:"OperationId,omitempty"`
	Properties string         `xml:"ResourceProperties,omitempty"`
	hookEvent
}

// describeStackEvents returns a stack's events, newest first. A delayed event appears at the place
// of its own time.
func (c *Engine) describeStackEvents(form url.Values) (any, error) {
	s := c.readable(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack [%s] does not exist", form.Get("StackName")))
	}
	var list []describedEvent
	for _, e := range slices.Backward(s.events) {
		if e.visible.After(c.account.Now()) {
			continue
		}
		d := c.describeEvent(s, e)
		list = append(list, d)
		if c.options.DuplicateEvents {
			list = append(list, d)
		}
	}
	var answer struct {
		Events    []describedEvent `xml:"StackEvents>member"`
		NextToken string           `xml:",omitempty"`
	}
	answer.Events, answer.NextToken = wire.Page(list, form.Get("NextToken"), cmp.Or(c.options.EventPage, c.account.PageSize(100)))
	return answer, nil
}

// consistencyCheck is the reason of the event after which dependents may begin.
const consistencyCheck = "Eventual consistency check initiated"

func (c *Engine) describeEvent(s *stack, e stackEvent) describedEvent {
	detail := ""
	if e.reason == consistencyCheck {
		detail = "CONFIGURATION_COMPLETE"
	}
	return describedEvent{
		Detail: detail, StackID: s.id, StackName: s.name, ID: e.id, Time: wire.Timestamp(e.at), LogicalID: e.logicalID, PhysicalID: e.physicalID,
		Type: e.kind, Status: e.status, Reason: e.reason, Token: e.token, Operation: e.operation, Properties: e.properties, hookEvent: e.hook,
	}
}

type describedResource struct {
	LogicalID  string         `xml:"LogicalResourceId"`
	PhysicalID string         `xml:"PhysicalResourceId"` // "" while the resource has just begun, as in events
	Type       string         `xml:"ResourceType"`
	Status     string         `xml:"ResourceStatus"`
	Reason     string         `xml:"ResourceStatusReason,omitempty"`
	Updated    wire.Timestamp `xml:"LastUpdatedTimestamp"`
}

func (c *Engine) listStackResources(form url.Values) (any, error) {
	s := c.readable(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack with id %s does not exist", form.Get("StackName")))
	}
	var list []describedResource
	for _, id := range slices.Sorted(maps.Keys(s.states)) {
		state := s.states[id]
		r := s.resources[id]
		if r == nil {
			r = state.resource
		}
		list = append(list, describedResource{
			LogicalID: id, PhysicalID: r.PhysicalID, Type: r.Type, Status: state.status, Reason: state.reason, Updated: wire.Timestamp(state.at),
		})
	}
	var answer struct {
		Resources []describedResource `xml:"StackResourceSummaries>member"`
		NextToken string              `xml:",omitempty"`
	}
	answer.Resources, answer.NextToken = wire.Page(list, form.Get("NextToken"), c.account.PageSize(100))
	return answer, nil
}

func (c *Engine) getTemplate(form url.Values) (any, error) {
	s := c.stack(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid(fmt.Sprintf("Stack with id %s does not exist", form.Get("StackName")))
	}
	return struct{ TemplateBody string }{s.settings.body}, nil
}

type declaredParameter struct {
	Key           string   `xml:"ParameterKey"`
	Type          string   `xml:"ParameterType"`
	Default       *string  `xml:"DefaultValue"`
	NoEcho        bool     `xml:"NoEcho"`
	Description   string   `xml:"Description,omitempty"`
	AllowedValues []string `xml:"ParameterConstraints>AllowedValues>member,omitempty"`
}

type stringList struct {
	Members []string `xml:"member"`
}

func (c *Engine) getTemplateSummary(form url.Values) (any, error) {
	var body string
	var err error
	if name := form.Get("StackName"); name != "" {
		s := c.stack(name)
		if s == nil {
			return nil, wire.Invalid(fmt.Sprintf("Stack with id %s does not exist", name))
		}
		body = s.settings.body
	} else if body, err = c.body(form); err != nil {
		return nil, err
	}
	t, err := c.parseTemplate(body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Parameters   []declaredParameter `xml:"Parameters>member"`
		Capabilities *stringList         // absent if there are none
		Reason       string              `xml:"CapabilitiesReason,omitempty"`
		Types        []string            `xml:"ResourceTypes>member"`
		Version      string              `xml:"Version,omitempty"`
		Description  string              `xml:"Description,omitempty"`
		Metadata     string              `xml:"Metadata,omitempty"`
	}
	for _, name := range slices.Sorted(maps.Keys(t.Parameters)) {
		p := t.Parameters[name]
		answer.Parameters = append(answer.Parameters, declaredParameter{
			Key: name, Type: p.Type, Default: p.Default, NoEcho: p.NoEcho, Description: p.Description, AllowedValues: p.AllowedValues,
		})
	}
	answer.Version, answer.Description, answer.Metadata = t.Version, t.Description, t.Metadata
	needed, reasons := t.capabilities()
	if len(needed) > 0 {
		answer.Capabilities = &stringList{needed}
		answer.Reason = fmt.Sprintf("The following resource(s) require capabilities: [%s]", strings.Join(reasons, ", "))
	}
	for _, r := range t.Resources {
		answer.Types = append(answer.Types, r.Type)
	}
	slices.Sort(answer.Types)
	answer.Types = slices.Compact(answer.Types)
	return answer, nil
}
