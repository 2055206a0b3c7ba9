package doctor

import (
	"fmt"
	"strings"

	"pr-stack/internal/report"
)

const groupProduction = "Production"

// Production is how what was tested becomes production, and what leads to it.
type Production struct {
	Way       string // promote-by: digest, listener or record
	Host      string // by listener or record
	Domain    string // of the base stack; "" if it has none
	Bootstrap string // the command that adds what is missing
	// Lacks are the outputs of the base stack without which production cannot be reached.
	Lacks []string
	// Ingress is the base stack's, which environments have unless a workflow says otherwise, and Needs the one
	// that an environment must have to become production.
	Ingress, Needs string

	Requests Requests
	Alarms   []Alarm
	Promotes bool // a workflow promotes
}

// Requests is who gets the requests to production's host.
type Requests struct {
	Problem *Problem // why it is not known
	Foreign *Problem // what is there is somebody else's, or does more than to share requests
	None    bool     // nobody: the first promotion makes the rule, or the record
	What    string   // in words, what leads them to whom
	Before  []int    // the priorities of rules that come before production's, and take requests to its host
}

// Alarm is one alarm of the input alarms.
type Alarm struct {
	Name    string
	Problem *Problem // why its state is not known
	Absent  bool
	Alarm   bool // it is in ALARM
}

func (p *Production) checks() (checks []report.Check) {
	if p == nil {
		return nil
	}
	checks = append(checks, p.way()...)
	if p.Host != "" && len(p.Lacks) == 0 {
		checks = append(checks, p.name()...)
		checks = append(checks, p.requests()...)
	}
	for _, a := range p.Alarms {
		checks = append(checks, a.check())
	}
	if !p.Promotes {
		checks = append(checks, warning(groupProduction, "workflow", "no workflow has a step with command: promote, so nothing is promoted",
			"copy the workflow production from README.md, Production"))
	}
	return checks
}

// way judges whether production can be reached in this way.
func (p *Production) way() []report.Check {
	name := "promote-by " + p.Way
	switch {
	case len(p.Lacks) > 0:
		fix := "run " + p.Bootstrap
		if p.Needs == "shared" {
			fix += " --ingress shared"
		}
		if p.Domain == "" {
			fix += " --domain DOMAIN"
		}
		return []report.Check{missing(groupProduction, name, "the base stack has no output "+strings.Join(p.Lacks, ", "), fix)}
	case p.Needs != "" && p.Ingress != p.Needs:
		return []report.Check{warning(groupProduction, name,
			fmt.Sprintf("environments have ingress %s unless a workflow says otherwise, and only one with ingress %s can become production", p.Ingress, p.Needs),
			fmt.Sprintf("run %s --ingress %s, or set ingress: %s in the workflow of pull requests", p.Bootstrap, p.Needs, p.Needs))}
	}
	return []report.Check{ok(groupProduction, name, "the base stack has what it needs")}
}

// name judges whether the base stack's certificate is for production's host, as it is for all names one below
// the domain.
func (p *Production) name() []report.Check {
	label, below := strings.CutSuffix(p.Host, "."+p.Domain)
	if below && !strings.Contains(label, ".") {
		return []report.Check{ok(groupProduction, "certificate", "the base stack's is for "+p.Host)}
	}
	return []report.Check{warning(groupProduction, "certificate", fmt.Sprintf("that of the base stack is for names one below %s, and not for %s", p.Domain, p.Host),
		"leave hostname out, or add a certificate for it to the load balancer")}
}

// requests judges who gets them. What is said of a rule or a record that nobody has made yet cannot be wrong.
func (p *Production) requests() []report.Check {
	r, name := p.Requests, "requests to "+p.Host
	switch {
	case r.Problem != nil:
		return []report.Check{unchecked(groupProduction, name, *r.Problem)}
	case r.Foreign != nil:
		return []report.Check{missing(groupProduction, name, r.Foreign.Why, r.Foreign.Fix)}
	case len(r.Before) > 0:
		return []report.Check{warning(groupProduction, name,
			fmt.Sprintf("rules that come before production's take them, or some of them: those with %s", priorities(r.Before)),
			"find out whose they are, and delete them: whoever may push a branch can add a rule for any name")}
	case r.None:
		return []report.Check{ok(groupProduction, name, "nothing leads them anywhere yet: the first promotion does")}
	}
	return []report.Check{ok(groupProduction, name, r.What)}
}

func priorities(list []int) string {
	text := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(list)), ", "), "[]")
	if len(list) == 1 {
		return "priority " + text
	}
	return "the priorities " + text
}

func (a Alarm) check() report.Check {
	name := "alarm " + a.Name
	switch {
	case a.Problem != nil:
		return unchecked(groupProduction, name, *a.Problem)
	case a.Absent:
		return missing(groupProduction, name, "it does not exist in this account and region", "correct the input alarms: each line is the name of an alarm")
	case a.Alarm:
		return warning(groupProduction, name, "it is in ALARM, and no promotion begins while it is", "see why, in the CloudWatch console")
	}
	return ok(groupProduction, name, "it is not in ALARM")
}
