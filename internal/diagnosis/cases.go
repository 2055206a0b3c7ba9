package diagnosis

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// cause is one kind of failure that can be distinguished from the others.
type cause struct {
	name    string // for the tests
	fits    func(Facts) bool
	summary func(Facts) string // one plain sentence for a person, without AWS's names
	what    func(Facts) string // why it failed, with AWS's words
	hint    func(Facts) string // what to change
}

// cases are tried in this order: what is known about a container explains more than what
// CloudFormation says about its stack.
var cases = slices.Concat(canaryCases, apiCases, functionCases, functionAPICases, taskCases, healthCases, placementCases, ingressCases,
	functionResourceCases, templateCases, stackCases)

// stopped matches if the reason of the last crash, from ECS or from the container, fits the pattern.
func stopped(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool {
		last := f.Service.Last
		return p.MatchString(last.Reason) || p.MatchString(last.Detail)
	}
}

// logEnds reports whether the container's last line contains words. Earlier lines do not count.
func logEnds(f Facts, words string) bool {
	log := f.Service.Last.Log
	return len(log) > 0 && strings.Contains(log[len(log)-1], words)
}

// exit matches a container that exited with this code by itself.
func exit(code int) func(Facts) bool {
	return func(f Facts) bool {
		return f.Service.Last.ExitCode != nil && *f.Service.Last.ExitCode == code && !isUnhealthy(f)
	}
}

// isUnhealthy reports whether the last task that crashed was stopped for being unhealthy or, if none
// crashed, whether a load balancer found a task unhealthy.
func isUnhealthy(f Facts) bool {
	if f.Service.Crashes > 0 {
		return strings.Contains(f.Service.Last.Reason, "health checks")
	}
	return f.Service.Unhealthy != ""
}

func unhealthy(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool { return isUnhealthy(f) && p.MatchString(f.Service.Unhealthy) }
}

func unplaced(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool { return p.MatchString(f.Service.Unplaced) }
}

func reason(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool {
		if p.MatchString(withoutSDK(f.Resource.Reason)) {
			return true
		}
		return !interrupted.MatchString(f.Reason) && p.MatchString(withoutSDK(f.Reason))
	}
}

// interrupted matches the reason of a call that was cut off because this run ended. In that case AWS
// refused nothing.
var interrupted = regexp.MustCompile(`context (?:canceled|deadline exceeded)`)

// retriesExceeded matches what the SDK says when its retries did not help. The words look like an AWS
// quota.
var retriesExceeded = regexp.MustCompile(`exceeded maximum number of attempts|retry quota exceeded`)

func withoutSDK(reason string) string { return retriesExceeded.ReplaceAllString(reason, "") }

// otherPort returns the port on which the code listens according to its log. It returns "" if the log
// names no port, or names the port that the load balancer checks.
func otherPort(f Facts) string {
	asked := strconv.Itoa(f.Service.Port)
	named := ports(f.Service.Last.Log)
	if f.Service.Port == 0 || len(named) == 0 || slices.Contains(named, asked) {
		return ""
	}
	return named[len(named)-1]
}

// always returns a function that returns the same text for all facts.
func always(text string) func(Facts) string { return func(Facts) string { return text } }
