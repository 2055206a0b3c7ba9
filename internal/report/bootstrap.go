package report

import (
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/price"
)

// Bootstrap is the result of bootstrap.
type Bootstrap struct {
	Run
	Stack    Stack
	Plan     []PlannedStack  // what it was to change
	Idle     *price.Estimate // what the base stack costs while no environment runs; nil if it is not known
	Source   string          // owner/name of the repository whose jobs may assume the roles; "" if there are none
	Branch   string          // its default branch
	Roles    []Role          // of the repository's jobs
	Policies []Policy        // for roles that somebody has to make
}

// Role is a role that bootstrap made for jobs.
type Role struct {
	Name     string
	Variable string // of the repository, that is to hold the ARN
	ARN      string
}

// Policy is the IAM policy of one role.
type Policy struct {
	Role string // its name
	For  string // whose jobs assume it
	JSON string
}

// PlannedStack is what a run is to change in one stack.
type PlannedStack struct {
	Name    string
	What    string // in words: "will be created"
	Changes []PlannedChange
}

// PlannedChange is what a run is to change in one resource.
type PlannedChange struct {
	Action    string // create, change, replace, perhaps replace, delete or leave
	LogicalID string
	Type      string
	Because   []string // the names of what differs
}

// Lines returns the plan of a stack as text, a line for the stack and one for each change.
func (p PlannedStack) Lines() []string {
	lines := []string{"Stack " + p.Name + " " + p.What + "."}
	id, kind := 0, 0
	for _, c := range p.Changes {
		id, kind = max(id, len(c.LogicalID)), max(kind, len(c.Type))
	}
	for _, c := range p.Changes {
		mark := " "
		if c.dangerous() {
			mark = "!"
		}
		line := fmt.Sprintf("%s %-15s %-*s  %-*s  %s", mark, c.Action, id, c.LogicalID, kind, c.Type, strings.Join(c.Because, ", "))
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// dangerous reports whether what uses the resource may lose it.
func (c PlannedChange) dangerous() bool {
	if c.Type == "AWS::ECS::TaskDefinition" {
		return false // every deployment makes a new revision, and tasks keep the one that they began with
	}
	return strings.Contains(c.Action, "replace") || c.Action == "delete"
}

// ground writes what a bootstrap was to change, what it costs, and what to do next. Once it is done, what
// to do next is what a person looks for.
func (r *Bootstrap) ground(b *strings.Builder) {
	if r.Ending != Up {
		if len(r.Plan) > 0 {
			paragraph(b, "The plan:")
		}
		b.WriteString(r.plan())
		return
	}
	paragraph(b, text(r.Price()))
	if len(r.Roles) > 0 {
		paragraph(b, "For the repository's variables:\n\n"+strings.TrimSpace(block(strings.Join(r.Variables(), "\n"))))
		for _, w := range r.Workflows() {
			fold(b, text(w.Title), "\n"+block(w.Text))
		}
	}
	paragraph(b, text(r.Production()))
	policies(b, r)
	if plan := r.plan(); plan != "" {
		fold(b, "The plan", plan)
	}
}

// plan returns what a bootstrap is to change in each stack.
func (r *Bootstrap) plan() string {
	var b strings.Builder
	changeSet(&b, r.Plan)
	return b.String()
}

func table(changes []PlannedChange) string {
	if len(changes) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n\n| | resource | type |")
	differs := slices.ContainsFunc(changes, func(c PlannedChange) bool { return len(c.Because) > 0 })
	if differs {
		b.WriteString(" what differs |")
	}
	b.WriteString("\n" + strings.Repeat("|:--", 3))
	if differs {
		b.WriteString("|:--")
	}
	b.WriteString("|\n")
	for _, c := range changes {
		action := c.Action
		if c.dangerous() {
			action = "🔴 " + bold(action) // GitHub has no colours for text
		}
		fmt.Fprintf(&b, "| %s | %s | %s |", action, text(c.LogicalID), text(c.Type))
		if differs {
			b.WriteString(" " + text(strings.Join(c.Because, ", ")) + " |")
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Price returns in a sentence what the base stack costs while no environment runs.
func (r *Bootstrap) Price() string {
	switch {
	case r.Idle == nil:
		return ""
	case r.Idle.Daily == 0 && len(r.Idle.Without) == 0:
		return "While no environment runs, this costs nothing, except for the images in ECR."
	}
	s := fmt.Sprintf("While no environment runs, this costs about $%.2f a month (%s), and the images in ECR", r.Idle.Monthly(), priceSource)
	if len(r.Idle.Without) > 0 {
		s += ", not counting " + strings.Join(r.Idle.Without, ", ")
	}
	return s + "."
}

// Variables returns the commands that put the roles into the repository's variables.
func (r *Bootstrap) Variables() (commands []string) {
	for _, role := range r.Roles {
		commands = append(commands, fmt.Sprintf("gh variable set %s --repo %s --body %s", role.Variable, r.Source, role.ARN))
	}
	return commands
}

// PoliciesNote says what the policies that follow it are for.
const PoliciesNote = "The roles of the workflows' jobs need these policies; README.md, Permissions, explains them."

// policies writes each role's policy, folded. A person copies it.
func policies(b *strings.Builder, r *Bootstrap) {
	if len(r.Policies) > 0 {
		paragraph(b, PoliciesNote)
	}
	for _, p := range r.Policies {
		fold(b, text("IAM policy of the role "+p.Role+", for "+p.For), "\n"+block(p.JSON))
	}
}
