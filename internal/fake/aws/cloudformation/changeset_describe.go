package cloudformation

import (
	"maps"
	"net/url"
	"slices"

	"pr-stack/internal/fake/aws/internal/wire"
)

type describedChangeSet struct {
	ID         string           `xml:"ChangeSetId"`
	Name       string           `xml:"ChangeSetName"`
	StackID    string           `xml:"StackId"`
	StackName  string           `xml:"StackName"`
	Status     string           `xml:"Status"`
	Reason     string           `xml:"StatusReason,omitempty"`
	Execution  string           `xml:"ExecutionStatus"`
	Created    wire.Timestamp   `xml:"CreationTime"`
	Parameters []describedPair  `xml:"Parameters>member"`
	Tags       []describedTag   `xml:"Tags>member"`
	Changes    []resourceChange `xml:"Changes>member"`
	NextToken  string           `xml:",omitempty"`
}

// describeChangeSet returns a change set, with one page of its changes.
func (c *Engine) describeChangeSet(form url.Values) (any, error) {
	set, err := c.changeSetOf(form)
	if err != nil {
		return nil, err
	}
	d := describedChangeSet{
		ID: set.id, Name: set.name, StackID: set.stack.id, StackName: set.stack.name, Status: set.status, Reason: set.reason,
		Execution: set.execution, Created: wire.Timestamp(set.created),
	}
	shown := (&stack{settings: set.with}).describe()
	d.Parameters, d.Tags = shown.Parameters, shown.Tags
	d.Changes, d.NextToken = wire.Page(set.changes, form.Get("NextToken"), c.account.PageSize(100))
	return d, nil
}

// listChangeSets returns the change sets of a stack.
func (c *Engine) listChangeSets(form url.Values) (any, error) {
	type summary struct {
		ID        string `xml:"ChangeSetId"`
		Name      string `xml:"ChangeSetName"`
		StackID   string `xml:"StackId"`
		Status    string
		Execution string `xml:"ExecutionStatus"`
	}
	var answer struct {
		Summaries []summary `xml:"Summaries>member"`
		NextToken string    `xml:",omitempty"`
	}
	s := c.stack(form.Get("StackName"))
	if s == nil {
		return nil, wire.Invalid("Stack [" + form.Get("StackName") + "] does not exist")
	}
	byName := map[string]summary{}
	for _, set := range s.changeSets {
		byName[set.name] = summary{set.id, set.name, s.id, set.status, set.execution}
	}
	var all []summary
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		all = append(all, byName[name])
	}
	answer.Summaries, answer.NextToken = wire.Page(all, form.Get("NextToken"), c.account.PageSize(100))
	return answer, nil
}
