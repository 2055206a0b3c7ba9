package rollout

import (
	"fmt"
	"strings"

	"pr-stack/internal/template"
)

// Proof is what was checked and found true, and what could not be checked.
type Proof struct {
	want              Want
	seen              Seen
	ownTaskDefinition bool // the stack has a task definition, and the services run it
	unasked           bool // the stack has a URL behind which no task runs
}

// Digest returns the digest of the image that runs, or "" if ECS reports none. If the image is an
// index, this may be the digest of one platform's image in the index.
func (p Proof) Digest() string { return p.seen.Running.Digest(p.want.Image) }

// Held returns what was proved, one sentence for each fact.
func (p Proof) Held() (list []string) {
	if n := p.seen.Services; n > 0 {
		runs := "The ECS service runs"
		if n > 1 {
			runs = fmt.Sprintf("%d ECS services run", n)
		}
		certain := len(p.seen.Foreign)+len(p.seen.Idle) == 0 // otherwise it may be another service's
		runsImage := p.want.Image != "" && (certain || p.seen.Running.Runs(p.want.Image, p.want.Digest))
		switch {
		case runsImage && p.ownTaskDefinition:
			runs += " the image with this stack's task definition."
		case runsImage:
			runs += " the image."
		case p.ownTaskDefinition:
			runs += " this stack's task definition."
		default:
			runs += ": the deployment is complete."
		}
		list = append(list, runs)
	}
	switch n := p.seen.TargetGroups; {
	case n == 1:
		list = append(list, "The target group is healthy.")
	case n > 1:
		list = append(list, fmt.Sprintf("%d target groups are healthy.", n))
	}
	if p.want.URL != "" {
		list = append(list, "The URL answers.")
	}
	return list
}

// Unchecked returns what could not be checked and why, one sentence for each.
func (p Proof) Unchecked() (list []string) {
	for _, foreign := range p.seen.Foreign {
		list = append(list, fmt.Sprintf("Which code runs, and whether its targets are healthy, was not checked: %s.", foreign))
	}
	for _, idle := range p.seen.Idle {
		list = append(list, fmt.Sprintf("Service %s runs no task: its desired count is 0.", idle))
	}
	switch {
	case len(p.seen.Foreign) > 0, p.seen.Services == 0 && len(p.seen.Idle) > 0:
	case p.seen.Services == 0:
		list = append(list, "Which code runs was not checked: the stack has no ECS service.")
	case p.want.Image == "":
		list = append(list, "Which image runs was not checked: the template declares no parameter "+template.ImageParameter+".")
	}
	switch {
	case p.unasked:
		list = append(list, "The URL was not asked: no task runs behind it.")
	case p.want.URL == "":
		list = append(list, "No URL was asked: the stack has neither an output Url nor LoadBalancerDNSName.")
	}
	return list
}

// String returns what was proved, in one line.
func (p Proof) String() string {
	held := p.Held()
	if len(held) == 0 {
		return "CloudFormation reports the stack complete."
	}
	return strings.Join(held, " ")
}
