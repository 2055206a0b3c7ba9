package rollout

import (
	"cmp"
	"fmt"
	"strings"

	"pr-stack/internal/template"
	"pr-stack/internal/timeline"
)

// Proof is what was checked and found true, and what could not be checked.
type Proof struct {
	want              Want
	seen              Seen
	ownTaskDefinition bool // the stack has a task definition, and the services run it
	unasked           bool // the stack has a URL behind which no task runs
}

// Digest returns the digest of the image that runs, or "" if AWS reports none. If the image is an
// index, this may be the digest of one platform's image in the index.
func (p Proof) Digest() string {
	digest := p.seen.Running.Digest(p.want.Image)
	for _, f := range p.seen.Functions {
		digest = cmp.Or(digest, f.Digest(p.want.Image))
	}
	return digest
}

// Held returns what was proved, one sentence for each fact.
func (p Proof) Held() (list []string) {
	if n := p.seen.Services; n > 0 {
		runs := "The ECS service runs"
		if n > 1 {
			runs = fmt.Sprintf("%d ECS services run", n)
		}
		// Without a function that runs the image, and without a foreign or idle service, the wait ended
		// because they do.
		certain := len(p.seen.Foreign)+len(p.seen.Idle) == 0 && !p.seen.functionRuns(p.want)
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
	if held := p.functions(); held != "" {
		list = append(list, held)
	}
	switch n := p.seen.TargetGroups; {
	case n == 1:
		list = append(list, "The target group is healthy.")
	case n > 1:
		list = append(list, fmt.Sprintf("%d target groups are healthy.", n))
	}
	switch {
	case p.want.URL == "", p.want.Access.Limited:
	case p.want.token:
		list = append(list, "The URL answers 401 without a token.")
	case p.want.Access.SignIn:
		list = append(list, "The load balancer answers at the URL.")
	case p.want.steady > 0:
		list = append(list, fmt.Sprintf("The URL answers, and for %s it asked no task that is gone.", timeline.Duration(p.want.steady)))
	default:
		list = append(list, "The URL answers.")
	}
	return list
}

// functions returns what was proved of the stack's functions, or "" if it has none.
func (p Proof) functions() string {
	n, runs := len(p.seen.Functions), p.want.Image != "" && p.seen.functionRuns(p.want)
	switch {
	case n == 0:
		return ""
	case n == 1 && runs:
		return "The Lambda function runs the image."
	case n == 1:
		return "The Lambda function is active."
	case runs:
		return fmt.Sprintf("%d Lambda functions are active, and one of them runs the image.", n)
	}
	return fmt.Sprintf("%d Lambda functions are active.", n)
}

// Unchecked returns what could not be checked and why, one sentence for each.
func (p Proof) Unchecked() (list []string) {
	for _, foreign := range p.seen.Foreign {
		list = append(list, fmt.Sprintf("Which code runs, and whether its targets are healthy, was not checked: %s.", foreign))
	}
	for _, idle := range p.seen.Idle {
		list = append(list, fmt.Sprintf("Service %s runs no task: its desired count is 0.", idle))
	}
	for _, unread := range p.seen.Unread {
		list = append(list, fmt.Sprintf("Which code runs was not checked: %s.", unread))
	}
	nothingRuns := p.seen.Services == 0 && len(p.seen.Functions) == 0
	switch {
	case len(p.seen.Foreign) > 0, len(p.seen.Unread) > 0, nothingRuns && len(p.seen.Idle) > 0:
	case nothingRuns:
		list = append(list, "Which code runs was not checked: the stack has no ECS service.")
	case p.want.Image == "":
		list = append(list, "Which image runs was not checked: the template declares no parameter "+template.ImageParameter+".")
	}
	switch {
	case p.unasked:
		list = append(list, "The URL was not asked: no task runs behind it.")
	case p.want.token:
		list = append(list, "Whether the code answers at the URL was not checked: API Gateway asks for a token before it asks the code.")
	case p.want.URL == "" && p.want.Stack.Parameters[template.IngressParameter] == template.NoIngress:
		list = append(list, "No URL was asked: with ingress none there is none. That the tasks run is what ECS reports.")
	case p.want.URL == "":
		list = append(list, "No URL was asked: the stack has neither an output Url nor LoadBalancerDNSName.")
	case p.want.Access.Limited:
		list = append(list, "The URL was not asked: allow-cidrs limits who may reach it, and this job may not be among them.")
	case p.want.Access.SignIn:
		list = append(list, "What the URL answers after the sign-in was not checked: without one, only the load balancer answers.")
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
