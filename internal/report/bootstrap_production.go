package report

import (
	"pr-stack/internal/environment"
	"pr-stack/internal/release"
)

// PrintedWorkflow is a workflow that a person copies.
type PrintedWorkflow struct {
	Title, Text string
}

// Workflows returns the workflows to begin with.
func (r *Bootstrap) Workflows() []PrintedWorkflow {
	service := r.Environment.Service
	list := []PrintedWorkflow{{"A workflow to begin with, " + WorkflowPath, Workflow(r.Region, service, r.Source)}}
	if r.promoteBy() != "" {
		list = append(list, PrintedWorkflow{"The workflow of production, " + ProductionPath, ProductionWorkflow(r.Region, service, r.Source, r.Branch)})
	}
	return list
}

// Production returns what follows from the base stack's way of promotion, or "" if it has none.
func (r *Bootstrap) Production() string {
	by := r.promoteBy()
	if by == "" {
		return ""
	}
	const swept = " The environment of a merged pull request stays until sweep deletes it: " +
		"copy the workflow sweep from README.md, Cleaning up stale environments, too."
	production := environment.Permanent(r.Environment.Service, "production")
	host := production.Hostname(r.Stack.Outputs["Domain"])
	switch by {
	case release.Listener:
		return "Production will be at https://" + host + ". The first promotion makes its rule on the shared load balancer." + swept
	case release.Record:
		return "Production will be at https://" + host + ". The first promotion makes its record in hosted zone " + r.Stack.Outputs["HostedZoneId"] + "." + swept
	}
	return "Production will be the stack " + production.StackName() + ", which the first promotion creates." + swept
}

func (r *Bootstrap) promoteBy() release.Way { return release.Way(r.Stack.Outputs["PromoteBy"]) }
