package diagnosis

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// cause is one case that can be told from the others.
type cause struct {
	name string
	fits func(Facts) bool
	what func(Facts) string // why it failed
	hint func(Facts) string // what to change
}

// cases are tried in this order: what is known of a container says more than what a stack makes of it.
var cases = slices.Concat(taskCases, healthCases, placeCases, stackCases)

// taskCases are tasks that could not start, or ended by themselves.
var taskCases = []cause{
	{"image for another platform", func(f Facts) bool {
		return stopped(`(?i)does not contain descriptor matching platform|exec format error`)(f) || logEnds(f, execFormat)
	}, imageTrouble,
		always("build for what the tasks run on: set platforms to linux/amd64, or the parameter CpuArchitecture to ARM64")},
	{"image not allowed", stopped(`(?i)CannotPull.*(?:denied|authori[sz]|no basic auth|forbidden|403)`), imageTrouble,
		always("let the task execution role pull it (ecr:GetAuthorizationToken, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer), or write the image with its registry")},
	{"image not found", stopped(`(?i)CannotPull(?:Container|ImageManifest).*(?:not found|does not exist|manifest unknown)`), imageTrouble, func(f Facts) string {
		if f.Inputs.Image {
			return "check the input image, and that its repository still has it"
		}
		return "the image is not in the repository any more: run the job again to build and push it anew"
	}},
	{"registry not reached", stopped(`(?i)CannotPull.*(?:i/o timeout|deadline exceeded|connection refused|no such host|Client.Timeout)`), imageTrouble,
		always("give the tasks a way to the registry: a public address, a NAT gateway or VPC endpoints")},
	{"image not pulled", stopped(`CannotPull`), imageTrouble, always("check the image and its registry")},
	{"role not assumable", stopped(`(?i)unable to assume (?:the )?role`), taskSaid,
		always("check that the task's roles exist and that their trust policies name ecs-tasks.amazonaws.com")},
	{"secret or log not reached", stopped(`ResourceInitializationError`), taskSaid,
		always("let the task execution role read the secrets and write the log that the task definition names, and give the tasks a way there")},
	{"out of memory", stopped(`OutOfMemory`), exited,
		parameter("raise the parameter Memory", "raise the memory of the task in your template", ", or have the code use less")},
	{"killed", exit(137), exited,
		always("something sent it SIGKILL, most often because it needed more memory than its task has: see the log, and raise the parameter Memory")},
	{"exited without an error", exit(0), exited,
		always("a service must keep running: let the image's command stay in the foreground")},
	{"exited with an error", func(f Facts) bool { return f.Service.Last.ExitCode != nil && !illHealth(f) }, exited, func(f Facts) string {
		if len(f.Service.Last.Log) > 0 {
			return "the code ended by itself, and the last lines of its log are the place to begin"
		}
		return "no log of it was found: run the image on your machine to see why it ends"
	}},
	{"not started", stopped(`CannotStartContainer|CannotCreateContainer|TaskFailedToStart`), taskSaid, always("check the image's command and entry point")},
}

// healthCases are tasks that run and that a load balancer finds to be ill.
var healthCases = []cause{
	{"path not found", unhealthy(`\[40[45]\]`), illSaid, func(f Facts) string {
		return "set health-check-path to a path that the code answers with 2xx or 3xx" + f.now(f.Inputs.HealthCheckPath)
	}},
	{"path needs a login", unhealthy(`\[40[13]\]`), illSaid, func(f Facts) string {
		return "set health-check-path to a path that needs no login" + f.now(f.Inputs.HealthCheckPath)
	}},
	{"answers with an error", unhealthy(`\[5\d\d\]`), illSaid, func(f Facts) string {
		return "the code fails on health-check-path" + f.now(f.Inputs.HealthCheckPath) + ", which its log should explain"
	}},
	{"answers with another status", unhealthy(`\[\d+\]`), illSaid,
		always("let the code answer health-check-path with 2xx or 3xx")},
	{"wrong port", func(f Facts) bool { return illHealth(f) && otherPort(f) != "" }, func(f Facts) string {
		return fmt.Sprintf("nothing listens on port %d of its container, and the container's log speaks of port %s", f.Service.Port, otherPort(f))
	}, func(f Facts) string {
		return f.either("set the parameter ContainerPort to "+otherPort(f), "set the container's port in your template to "+otherPort(f)) +
			", or have the code listen on the port in the variable PORT"
	}},
	{"hangs", unhealthy(`(?i)timed out`), illSaid,
		always("the code takes connections and does not answer within 4 seconds: see what it waits for, and that it listens on 0.0.0.0")},
	{"slow start", func(f Facts) bool { return illHealth(f) && f.Service.Unhealthy != "" }, func(f Facts) string {
		return fmt.Sprintf("nothing listened on port %d of its container before its time was up (%s)", f.Service.Port, f.Service.Unhealthy)
	}, func(f Facts) string {
		return f.either("if the code is slow to start, raise the parameter HealthCheckGracePeriodSeconds; if it listens on another port, set ContainerPort",
			"if the code is slow to start, raise HealthCheckGracePeriodSeconds in your template; if it listens on another port, correct the port there") +
			"; and it must listen on 0.0.0.0, not on localhost"
	}},
	{"unhealthy", illHealth, taskSaid, always("the container's own health check fails: see its log, and the HealthCheck in the task definition")},
}

// placeCases are tasks that run nowhere.
var placeCases = []cause{
	{"compute quota", unplaced(`(?i)limit|quota`), placeSaid,
		always("have the quota raised (Service Quotas, AWS Fargate), or close pull requests whose environments are not needed")},
	{"no capacity", unplaced(`(?i)capacity`), placeSaid,
		always("run the job again in a while; the parameter CapacityProvider set to FARGATE is served before FARGATE_SPOT")},
	{"no instance", unplaced(`(?i)container instance`), placeSaid,
		always("add container instances to the cluster, or run on Fargate")},
	{"not placed", unplaced(`.`), placeSaid, always("see the events of the service in the ECS console")},
	{"given up by ECS", func(f Facts) bool { return f.Service.Failed != "" }, func(f Facts) string { return unwrap(f.Service.Failed) },
		always("see the stopped tasks and the log of the service in the ECS console")},
}

// stackCases are resources that CloudFormation could not make, and stacks that it did not begin with.
var stackCases = []cause{
	{"hook", reason(`(?i)hook\(s\) failed|hook invocation`), resourceSaid, always("change what the hook objects to; whoever runs the account's CloudFormation hooks knows the rule")},
	{"role not assumable", reason(`(?i)role arn is invalid or cannot be assumed|unable to assume|role .*(?:does not exist|is invalid|cannot be found)`), resourceSaid,
		always("check that the role exists, and that its trust policy names the service that takes it on: cloudformation.amazonaws.com for role-arn")},
	{"access denied", reason(`(?i)is not authorized to perform|AccessDenied|UnauthorizedOperation|not authorized`), resourceSaid, func(f Facts) string {
		if found := denied.FindStringSubmatch(f.Resource.Reason + f.Reason); found != nil {
			return "grant " + found[1] + " to the role of this job, or to role-arn if that is set; README.md has the policy that the action needs"
		}
		return "grant it to the role of this job, or to role-arn if that is set; README.md has the policy that the action needs"
	}},
	{"too many load balancers", reason(`(?i)TooManyLoadBalancers|maximum number of load balancers`), resourceSaid,
		always("close pull requests whose environments are not needed, or have the quota of load balancers raised (Service Quotas, Elastic Load Balancing)")},
	{"quota", reason(`(?i)maximum number|limit ?exceeded|quota|limit on the number|too many`), resourceSaid,
		always("have the quota raised (Service Quotas), or delete what is not needed")},
	{"already exists", reason(`(?i)already exists|AlreadyExists|not idempotent`), resourceSaid,
		always("delete what has that name, or leave the name out of the template so that each environment gets one of its own")},
	{"service still draining", reason(`(?i)still draining`), resourceSaid,
		always("run the job again in some minutes, and leave ServiceName out of the template so that no name is waited for")},
	{"validation", reason(`(?i)hook\(s\)/validation failed|EarlyValidation`), resourceSaid, always("correct what the validation names; nothing was changed")},
	{"invalid parameter", reason(`(?i)^Parameters?[: ]|Parameter validation|must have values|Invalid request|InvalidParameter|InvalidRequest|ValidationException|validation error|not valid|is invalid|Invalid value|Properties validation|Model validation`), resourceSaid,
		always("correct the property or parameter that the reason names, in the template or in parameter-overrides")},
	{"circuit breaker", func(f Facts) bool {
		return f.Resource.Type == "AWS::ECS::Service" && reason(`Circuit Breaker|NotStabilized|did not stabilize`)(f)
	}, resourceSaid,
		always("the container did not stay up, or did not answer health-check-path: see the stopped tasks and the log of the service in the ECS console")},
	{"other", func(f Facts) bool { return f.Resource.LogicalID != "" }, resourceSaid,
		always("mend what the reason names and run the job again; a first stack that failed is replaced by itself")},
}

var denied = regexp.MustCompile(`not authorized to perform: ([\w:*]+)`)

// stopped fits a task whose end ECS, or its container, puts in words like these.
func stopped(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool {
		last := f.Service.Last
		return p.MatchString(last.Reason) || p.MatchString(last.Detail)
	}
}

// logEnds fits a container whose last word holds this. A line before may say anything.
func logEnds(f Facts, words string) bool {
	log := f.Service.Last.Log
	return len(log) > 0 && strings.Contains(log[len(log)-1], words)
}

func exit(code int) func(Facts) bool {
	return func(f Facts) bool {
		return f.Service.Last.ExitCode != nil && *f.Service.Last.ExitCode == code && !illHealth(f)
	}
}

// illHealth fits a task that was stopped because it was ill, or a service whose load balancer says so.
func illHealth(f Facts) bool {
	if f.Service.Crashes > 0 {
		return strings.Contains(f.Service.Last.Reason, "health checks")
	}
	return f.Service.Unhealthy != ""
}

func unhealthy(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool { return illHealth(f) && p.MatchString(f.Service.Unhealthy) }
}

func unplaced(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool { return p.MatchString(f.Service.Unplaced) }
}

func reason(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool { return p.MatchString(f.Resource.Reason) || p.MatchString(f.Reason) }
}

// otherPort is the port that the log says the code listens on, if it never speaks of the one that is asked.
func otherPort(f Facts) string {
	asked := strconv.Itoa(f.Service.Port)
	named := ports(f.Service.Last.Log)
	if f.Service.Port == 0 || len(named) == 0 || slices.Contains(named, asked) {
		return ""
	}
	return named[len(named)-1]
}

func always(hint string) func(Facts) string { return func(Facts) string { return hint } }

// parameter is a hint that names a parameter of our templates, or what stands for it in the user's own.
func parameter(ours, own, rest string) func(Facts) string {
	return func(f Facts) string { return f.either(ours, own) + rest }
}

func (f Facts) either(ours, own string) string {
	if f.Inputs.Own {
		return own
	}
	return ours
}

// now says how an input is set, if that is known.
func (f Facts) now(value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf(" (it is %s)", value)
}
