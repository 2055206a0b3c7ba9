package diagnosis

import (
	"fmt"
	"strings"
)

// ingressCases are for what stands between people and an environment that runs.
var ingressCases = []cause{
	{
		"wrong host", func(f Facts) bool { return f.Rule.URLHost != "" }, always("The load balancer has no rule for the URL"),
		func(f Facts) string {
			return fmt.Sprintf("the tasks are healthy, and the stack's rule on the listener is for %s, not for the URL's host %s",
				strings.Join(f.Rule.Hosts, ", "), f.Rule.URLHost)
		},
		always("use the parameter Hostname in the rule's condition host-header and in the output Url"),
	},
	{
		"priority taken", reason(`Priority '?\d+'? is currently in use|PriorityInUse|One or more priorities not found`),
		always("Another rule on the shared load balancer has the same priority"), resourceMessage,
		always("run the job again, which looks for a priority that is free; or set ListenerRulePriority in parameter-overrides"),
	},
	{
		"too many target groups", reason(`(?i)unique target groups|TooManyUniqueTargetGroups|maximum number of rules`),
		always("The shared load balancer is full"), resourceMessage,
		always("close pull requests whose environments are not needed, or set ingress to dedicated: AWS does not raise the quota of 100 target groups for a load balancer"),
	},
	{
		"target group of another load balancer", reason(`(?i)cannot be associated with more than one load balancer|TargetGroupAssociationLimit`),
		always("A target group cannot be behind two load balancers"), resourceMessage,
		always("give each load balancer a target group of its own in the template"),
	},
	{
		"certificate not validated", reason(`(?i)must have a fully-qualified domain name, a supported signature`),
		always("The certificate was not validated"), resourceMessage,
		always("look at the certificate in the Certificate Manager console: it must be issued, which needs its record in the domain's hosted zone"),
	},
}
