package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/cloudwatch"
	"pr-stack/internal/config"
	"pr-stack/internal/doctor"
	"pr-stack/internal/elb"
	"pr-stack/internal/environment"
	"pr-stack/internal/permissions"
	"pr-stack/internal/route53"
	"pr-stack/internal/workflow"
)

// askProduction returns what there is to say about production, or nil if nothing is promoted.
func askProduction(ctx context.Context, job config.Doctor, base askedBase, found workflow.Found, with doctorClients) *doctor.Production {
	outputs := base.stack.Outputs
	by := cmp.Or(job.PromoteBy, config.PromoteBy(outputs[promoteBy]))
	if base.stack.ID == "" || by == "" {
		return nil
	}
	p := &doctor.Production{
		Way: string(by), Domain: outputs["Domain"], Bootstrap: base.facts.Bootstrap, Promotes: found.Promotes,
		Ingress: cmp.Or(string(job.Ingress), outputs["Ingress"], "dedicated"),
	}
	var needed []string
	switch by {
	case config.ByListener:
		p.Needs, needed = "shared", []string{"Domain", "HttpsListenerArn"}
	case config.ByRecord:
		p.Needs, needed = "dedicated", []string{"Domain", "HostedZoneId"}
	}
	for _, output := range needed {
		if outputs[output] == "" {
			p.Lacks = append(p.Lacks, output)
		}
	}
	if by != config.ByDigest && len(p.Lacks) == 0 {
		name := permissions.Production
		if job.Environment.Name != "" && job.Environment.PullRequest == 0 {
			name = job.Environment.Name
		}
		e := environment.Permanent(job.Service, name)
		p.Host = cmp.Or(job.Hostname, e.Hostname(p.Domain))
		p.Requests = askRequests(ctx, by, e, p.Host, outputs, with)
	}
	p.Alarms = askAlarms(ctx, job.Alarms, with)
	return p
}

func askRequests(ctx context.Context, by config.PromoteBy, e environment.Environment, host string, base map[string]string, with doctorClients) doctor.Requests {
	if by == config.ByRecord {
		return askRecords(ctx, route53.Zone{API: with.route53, ID: base["HostedZoneId"]}, host)
	}
	return askRule(ctx, elb.Listener{API: with.elb, ARN: base["HttpsListenerArn"]}, e, host)
}

// askRecords: any weighted records of the name are production's.
func askRecords(ctx context.Context, zone route53.Zone, host string) (r doctor.Requests) {
	records, err := zone.Weighted(ctx, host)
	switch {
	case errors.Is(err, route53.ErrForeignRecord):
		r.Foreign = problem(err)
	case err != nil:
		r.Problem = problem(err)
	case len(records) == 0:
		r.None = true
	}
	var stacks []string
	for _, record := range records {
		stacks = append(stacks, fmt.Sprintf("%s (weight %d)", record.ID, record.Weight))
	}
	r.What = "its records lead to " + strings.Join(stacks, ", ")
	return r
}

// askRule looks for production's rule, and for others that take requests to its host.
func askRule(ctx context.Context, listener elb.Listener, e environment.Environment, host string) (r doctor.Requests) {
	rules, err := listener.Rules(ctx)
	if err != nil {
		return doctor.Requests{Problem: problem(err)}
	}
	own, err := listener.Weighted(ctx, host)
	switch {
	case errors.Is(err, elb.ErrNoRule):
		r.None = true
	case errors.Is(err, elb.ErrForeignRule):
		return doctor.Requests{Foreign: problem(err)}
	case err != nil:
		return doctor.Requests{Problem: problem(err)}
	default:
		tags, err := elb.Tags(ctx, listener.API, own.ARN)
		if err == nil && (tags[environment.TagEnvironment] != e.Name || tags[environment.TagService] != e.Service) {
			return doctor.Requests{Foreign: &doctor.Problem{
				Why: fmt.Sprintf("the rule with priority %d is for this host, and is not production's by its tags: it is of %s of service %s",
					own.Priority, cmp.Or(tags[environment.TagEnvironment], "nothing"), cmp.Or(tags[environment.TagService], "nobody")),
				Fix: "delete the rule: whoever may push a branch can add one for any name",
			}}
		}
		r.Problem = problem(err)
		r.What = fmt.Sprintf("the rule with priority %d leads them", own.Priority)
	}
	for _, other := range rules {
		if other.ARN != own.ARN && (own.ARN == "" || other.Priority < own.Priority) && other.Takes(host) {
			r.Before = append(r.Before, other.Priority)
		}
	}
	slices.Sort(r.Before)
	return r
}

// askAlarms asks about each alarm by itself, so that one that is missing hides no other.
func askAlarms(ctx context.Context, names []string, with doctorClients) (list []doctor.Alarm) {
	for _, name := range names {
		states, err := cloudwatch.States(ctx, with.cloudwatch, []string{name})
		a := doctor.Alarm{Name: name, Absent: errors.Is(err, cloudwatch.ErrNoAlarm)}
		if !a.Absent {
			a.Problem = problem(err)
		}
		a.Alarm = len(states) > 0 && states[0].Alarm
		list = append(list, a)
	}
	return list
}
