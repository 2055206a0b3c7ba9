package rollout

import (
	"fmt"
	"strings"
)

// Proof is what was seen to hold, and what could not be checked.
type Proof struct {
	want              Want
	seen              Seen
	ownTaskDefinition bool
}

// Digest returns the digest of what runs, as ECS reports it, or "" if it reports none. It may be that
// of one platform's image out of an index.
func (p Proof) Digest() string { return p.seen.Running.Digest(p.want.Image) }

// Held returns what was proved, a clause each.
func (p Proof) Held() (list []string) {
	if n := p.seen.Services; n > 0 {
		what := plural(n, "ECS service runs", "ECS services run")
		switch {
		case p.want.Image != "" && p.ownTaskDefinition:
			what += " " + p.want.Image + " with this stack's task definition"
		case p.want.Image != "":
			what += " " + p.want.Image
		case p.ownTaskDefinition:
			what += " this stack's task definition"
		default:
			what += " and its deployment is complete"
		}
		list = append(list, what)
	}
	if n := p.seen.TargetGroups; n > 0 {
		list = append(list, plural(n, "target group is healthy", "target groups are healthy"))
	}
	if p.want.URL != "" {
		list = append(list, "the URL answers")
	}
	return list
}

// Unchecked returns what could not be checked, and why, a sentence each.
func (p Proof) Unchecked() (list []string) {
	switch {
	case p.seen.Services == 0:
		list = append(list, "which code runs was not checked: the stack has no ECS service")
	case p.want.Image == "":
		list = append(list, "which image runs was not checked: the template declares no parameter ImageUri")
	}
	if p.want.URL == "" {
		list = append(list, "no URL was asked: the stack has neither an output Url nor LoadBalancerDNSName")
	}
	return list
}

// String is what was proved, in one line.
func (p Proof) String() string {
	held := p.Held()
	if len(held) == 0 {
		return "CloudFormation reports the stack complete"
	}
	return strings.Join(held, ", ")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "the " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
