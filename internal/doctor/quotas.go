package doctor

import (
	"fmt"

	"pr-stack/internal/report"
)

// Quotas is what the account may have, and what it has.
type Quotas struct {
	Balancers, TargetGroups Usage
	BalancingProblem        *Problem // why these could not be read
	CPUs                    float64  // of Fargate, or of Fargate Spot, at a time
	CPUsName                string
	CPUsProblem             *Problem
	Environments            int // that exist
	EnvironmentsProblem     *Problem
	MaxEnvironments         int // 0: any number
	Ingress                 string
	HasVPCLink              bool    // the base stack has the one that ingress api needs
	VPCLinks                float64 // that the account may have; read only if ingress api needs one
	VPCLinksProblem         *Problem
}

// Usage is how many of something there are, and how many there may be. Limit is negative if AWS names none.
type Usage struct{ Used, Limit int }

const (
	spare   = 5    // with fewer left, a warning is due
	cpus    = 0.25 // of one environment: the default of the parameter Cpu, 256 units
	raiseIt = "ask for more in the Service Quotas console, delete what is not needed, or lower max-environments"
)

func (q *Quotas) checks() (checks []report.Check) {
	if q == nil {
		return nil
	}
	balanced := q.Ingress == "dedicated" || q.Ingress == "shared" // others have no load balancer
	switch {
	case balanced && q.BalancingProblem != nil:
		p := *q.BalancingProblem
		if p.Denied {
			p.Fix = "run doctor with credentials that may call elasticloadbalancing:DescribeAccountLimits"
		}
		checks = append(checks, unchecked(groupQuotas, "load balancers and target groups", p))
	case balanced:
		if q.Ingress == "dedicated" {
			checks = append(checks, q.room("load balancers", q.Balancers))
		}
		checks = append(checks, q.room("target groups", q.TargetGroups))
	}
	checks = append(checks, q.fargate())
	if q.Ingress == "api" && !q.HasVPCLink {
		checks = append(checks, q.links())
	}
	return checks
}

// room judges a quota of which each environment needs one.
func (q *Quotas) room(name string, u Usage) report.Check {
	left := u.Limit - u.Used
	text := fmt.Sprintf("%d of %d are used", u.Used, u.Limit)
	more := q.MaxEnvironments - q.Environments // that may still be created
	switch {
	case u.Limit < 0:
		return unchecked(groupQuotas, name, Problem{Why: "AWS names no limit"})
	case left <= 0:
		return missing(groupQuotas, name, text+", and a new environment needs one", raiseIt)
	case q.EnvironmentsProblem == nil && more > left:
		return warning(groupQuotas, name, fmt.Sprintf("%s, and max-environments allows %d more environments, which need one each", text, more), raiseIt)
	case left < spare:
		return warning(groupQuotas, name, text+", and each new environment needs one", raiseIt)
	}
	return ok(groupQuotas, name, text)
}

// fargate compares the quota with what environments need. What else uses it is not known.
func (q *Quotas) fargate() report.Check {
	if q.CPUsProblem != nil {
		p := *q.CPUsProblem
		if p.Denied {
			p.Fix = "run doctor with credentials that may call servicequotas:GetServiceQuota"
		}
		return unchecked(groupQuotas, q.CPUsName, p)
	}
	most := max(q.MaxEnvironments, q.Environments+1)
	need := float64(most) * cpus
	text := fmt.Sprintf("%g at a time, and %g for %s unless Cpu is raised; what else uses it was not checked", q.CPUs, need, plural(most, "environment"))
	switch {
	case q.CPUs < cpus:
		return missing(groupQuotas, q.CPUsName, fmt.Sprintf("%g at a time, and one environment needs %g", q.CPUs, cpus), raiseIt)
	case need > q.CPUs:
		return warning(groupQuotas, q.CPUsName, text, raiseIt)
	}
	return ok(groupQuotas, q.CPUsName, text)
}

// plural returns a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// links shows the quota of VPC links. The base stack needs one, for all environments.
func (q *Quotas) links() report.Check {
	const name = "VPC links"
	if q.VPCLinksProblem != nil {
		return unchecked(groupQuotas, name, *q.VPCLinksProblem)
	}
	return ok(groupQuotas, name, fmt.Sprintf("the account may have %g, of which the base stack needs one; how many there are was not checked", q.VPCLinks))
}
