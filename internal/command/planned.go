package command

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/cfn"
	"pr-stack/internal/price"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/runner"
)

// plannedStack is the wanted state of a stack, and what reaching it changes.
type plannedStack struct {
	spec    rollout.Spec
	preview cfn.Preview
}

// shown returns the plan as the report shows it; none if nothing would change.
func (p plannedStack) shown() []report.PlannedStack {
	planned := report.PlannedStack{Name: p.spec.Name}
	switch {
	case !p.preview.Differs:
		return nil
	case p.preview.New:
		planned.What = "will be created"
		if p.preview.Stack.ID != "" {
			planned.What = fmt.Sprintf("is in %s: it will be deleted and created again", p.preview.Stack.Status)
		}
		planned.Changes = p.created()
		return []report.PlannedStack{planned}
	case p.preview.Unknown && cfn.InProgress(p.preview.Stack.Status):
		planned.What = fmt.Sprintf("is in %s, which cannot succeed: that will be ended, and the changes are known only then", p.preview.Stack.Status)
		return []report.PlannedStack{planned}
	case p.preview.Unknown:
		planned.What = fmt.Sprintf("is in %s: it will be rolled back and then updated, and the changes are known only then", p.preview.Stack.Status)
		return []report.PlannedStack{planned}
	}
	planned.What = "will be updated"
	if len(p.preview.Changes) == 0 {
		planned.What = "will be updated: its outputs change, and no resource"
	}
	for _, c := range p.preview.Changes {
		planned.Changes = append(planned.Changes, report.PlannedChange{Action: actionOf(c), LogicalID: c.LogicalID, Type: c.Type, Because: c.Because})
	}
	return []report.PlannedStack{planned}
}

// created returns the resources of a new stack, read from the template. A change set would list them too,
// but creates an empty stack, which stays until it is deleted.
func (p plannedStack) created() (list []report.PlannedChange) {
	resources, err := price.Contents(p.spec.Plan.Template.Body, p.spec.Plan.Parameters)
	if err != nil {
		return nil // does not happen: CloudFormation has accepted the template
	}
	for _, r := range resources {
		list = append(list, report.PlannedChange{Action: "create", LogicalID: r.LogicalID, Type: r.Type})
	}
	return list
}

// actionOf returns in a word or two what a change does.
func actionOf(c cfn.Change) string {
	switch {
	case c.Action == types.ChangeActionAdd:
		return "create"
	case c.Action == types.ChangeActionRemove && c.Kept:
		return "leave"
	case c.Action == types.ChangeActionRemove:
		return "delete"
	case c.Replacement == cfn.Replaced:
		return "replace"
	case c.Replacement == cfn.PerhapsReplaced:
		return "perhaps replace"
	}
	return "change"
}

// logPlan logs what will be changed, a line for each stack and each change.
func logPlan(plan []report.PlannedStack, log *runner.Log) {
	for _, stack := range plan {
		for _, line := range stack.Lines() {
			log.Line("%s", line)
		}
	}
}
