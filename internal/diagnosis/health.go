package diagnosis

import "fmt"

// healthCases are for tasks that run but fail the health check of a load balancer or their own.
var healthCases = []cause{
	{"path not found", unhealthy(`\[40[45]\]`), badAnswer, unhealthyMessage, func(f Facts) string {
		return "set health-check-path to a path that the code answers with 2xx or 3xx" + f.now(f.Inputs.HealthCheckPath)
	}},
	{"path needs a login", unhealthy(`\[40[13]\]`), badAnswer, unhealthyMessage, func(f Facts) string {
		return "set health-check-path to a path that needs no login" + f.now(f.Inputs.HealthCheckPath)
	}},
	{"answers with an error", unhealthy(`\[5\d\d\]`), badAnswer, unhealthyMessage, func(f Facts) string {
		return "the code fails on health-check-path" + f.now(f.Inputs.HealthCheckPath) + ", which its log should explain"
	}},
	{
		"answers with another status", unhealthy(`\[\d+\]`), badAnswer, unhealthyMessage,
		always("make the code answer health-check-path with 2xx or 3xx"),
	},
	{"wrong port", func(f Facts) bool { return isUnhealthy(f) && otherPort(f) != "" }, func(f Facts) string {
		return fmt.Sprintf("Your container does not answer on port %d, and its log mentions port %s", f.Service.Port, otherPort(f))
	}, func(f Facts) string {
		return fmt.Sprintf("its container does not answer on port %d, and the container's log mentions port %s", f.Service.Port, otherPort(f))
	}, func(f Facts) string {
		return f.either("set the parameter ContainerPort to "+otherPort(f), "set the container's port in your template to "+otherPort(f)) +
			", or make the code listen on the port in the variable PORT"
	}},
	{
		"hangs", unhealthy(`(?i)timed out`), func(f Facts) string {
			return fmt.Sprintf("Your container does not answer on port %d in time", f.Service.Port)
		}, unhealthyMessage,
		always("the code does not answer in time: see what it waits for, and check that it listens on 0.0.0.0"),
	},
	{"slow start", func(f Facts) bool { return isUnhealthy(f) && f.Service.Unhealthy != "" }, func(f Facts) string {
		return fmt.Sprintf("Nothing listened on port %d in your container in time", f.Service.Port)
	}, func(f Facts) string {
		return fmt.Sprintf("nothing listened on port %d in its container in time (%s)", f.Service.Port, f.Service.Unhealthy)
	}, func(f Facts) string {
		return f.either("if the code is slow to start, raise the parameter HealthCheckGracePeriodSeconds; if it listens on another port, set ContainerPort",
			"if the code is slow to start, raise HealthCheckGracePeriodSeconds in your template; if it listens on another port, correct the port there") +
			"; it must listen on 0.0.0.0, not on localhost"
	}},
	{
		"unhealthy", isUnhealthy, always("Your container's own health check fails"), taskUnhealthy,
		always("the container's own health check fails: see its log, and the HealthCheck in the task definition"),
	},
}

func badAnswer(f Facts) string {
	path := f.Inputs.HealthCheckPath
	if path == "" {
		path = "the health check"
	}
	return fmt.Sprintf("Your container did not answer %s as expected: %s", path, unwrap(f.Service.Unhealthy))
}

func unhealthyMessage(f Facts) string {
	return fmt.Sprintf("its container does not answer as expected on port %d: %s", f.Service.Port, unwrap(f.Service.Unhealthy))
}

// now returns the current value of an input, as a part of a hint, or "" if the value is not known.
func (f Facts) now(value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf(" (it is %s)", value)
}

// parameter returns a hint that names a parameter of our templates, or what is equivalent to it in the
// user's own template.
func parameter(ours, own, rest string) func(Facts) string {
	return func(f Facts) string { return f.either(ours, own) + rest }
}

func (f Facts) either(ours, own string) string {
	if f.Inputs.Own {
		return own
	}
	return ours
}
