package diagnosis

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// cause is one case that can be told from the others.
type cause struct {
	name    string // for the tests
	fits    func(Facts) bool
	summary func(Facts) string // one plain sentence for a person, without AWS's names
	what    func(Facts) string // why it failed, with AWS's words
	hint    func(Facts) string // what to change
}

// cases are tried in this order: what is known about a container explains more than what
// CloudFormation says about its stack.
var cases = slices.Concat(taskCases, healthCases, placementCases, stackCases)

// stopped matches a task that ECS, or its container, says ended like this.
func stopped(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool {
		last := f.Service.Last
		return p.MatchString(last.Reason) || p.MatchString(last.Detail)
	}
}

// logEnds reports whether the container's last line contains words. A line before may say anything.
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

// isUnhealthy reports whether a task was stopped for being unhealthy, or a load balancer says that it
// is.
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

// interrupted is the reason of a call that the end of this run cut off: AWS did not refuse anything.
var interrupted = regexp.MustCompile(`context (?:canceled|deadline exceeded)`)

// retriesExceeded is what the SDK says when its retries did not help. It reads like a quota of AWS.
var retriesExceeded = regexp.MustCompile(`exceeded maximum number of attempts|retry quota exceeded`)

func withoutSDK(reason string) string { return retriesExceeded.ReplaceAllString(reason, "") }

// otherPort returns the port that the log says the code listens on, or "" if the log mentions the one
// that the load balancer asks.
func otherPort(f Facts) string {
	asked := strconv.Itoa(f.Service.Port)
	named := ports(f.Service.Last.Log)
	if f.Service.Port == 0 || len(named) == 0 || slices.Contains(named, asked) {
		return ""
	}
	return named[len(named)-1]
}

// always is a text that does not depend on the facts.
func always(text string) func(Facts) string { return func(Facts) string { return text } }
