package config

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/patternmatcher"

	"pr-stack/internal/policy"
)

func (in *Inputs) rules() policy.Rules {
	return policy.Rules{
		Label: in.text("label"), KeepLabel: in.text("keep-label"),
		Drafts: in.isTrue("drafts"), Bots: in.isTrue("bots"), Paths: words(in.values["paths"]),
	}
}

func (l *loader) checkRules() {
	l.bool("allow-forks")
	l.bool("drafts")
	l.bool("bots")
	if _, err := patternmatcher.New(l.rules().Paths); err != nil {
		l.addf("paths", "write them as in .dockerignore, such as src/** or !**/*.md", "%s", err)
	}
}

// settings returns what every job has, checked.
func (l *loader) settings() Settings {
	s := l.Settings()
	if s.Region != "" && !region.MatchString(s.Region) {
		l.addf("aws-region", "write it as AWS does, such as eu-north-1", "%s is not a valid region", quote(s.Region))
	}
	s.SignIn = l.signIn()
	s.GitHub.Comment = oneOf(l, "comment", Always, OnFailureOnly, Never)
	s.GitHub.CommentLogs, s.MaskAccount = l.bool("comment-logs"), l.bool("mask-aws-account-id")
	s.GitHub.Deployments = oneOf(l, "deployments", Shared, Each, Off)
	return s
}

func (l *loader) stackOptions() StackOptions {
	o := StackOptions{ParameterOverrides: l.keyValues("parameter-overrides"), Tags: l.keyValues("tags")}
	l.checkTags(o.Tags)
	for _, capability := range words(l.text("capabilities")) {
		if !slices.Contains([]string{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}, capability) {
			l.addf("capabilities", "write CAPABILITY_IAM, CAPABILITY_NAMED_IAM or CAPABILITY_AUTO_EXPAND",
				"%s is not a valid capability", quote(capability))
		}
		o.Capabilities = append(o.Capabilities, capability)
	}
	if o.RoleARN = l.text("role-arn"); o.RoleARN != "" && !roleARN.MatchString(o.RoleARN) {
		l.addf("role-arn", "write arn:aws:iam::123456789012:role/NAME", "%s is not a role's ARN", quote(o.RoleARN))
	}
	if text := l.text("timeout-in-minutes"); text != "" {
		minutes, err := strconv.Atoi(text)
		if err != nil || minutes < 1 || minutes > 24*60 {
			l.addf("timeout-in-minutes", "write a whole number from 1 to 1440",
				"%s is not a valid number of minutes", quote(text))
		}
		o.Timeout = time.Duration(minutes) * time.Minute
	}
	o.OnFailure = l.onFailure()
	return o
}

// onFailure returns by default what costs nothing: a pull request's environment that failed is of no
// use once its log has been read, while somebody looks after one that is permanent.
func (l *loader) onFailure() OnFailure {
	switch {
	case l.text("on-failure") != "":
		return oneOf(l, "on-failure", KeepFailed, DeleteFailed, RollbackFailed)
	case l.Environment().PullRequest > 0 && l.text("command") != "bootstrap": // the base stack is permanent
		return DeleteFailed
	}
	return RollbackFailed
}

// deployOptions returns what only a deployment has, and nothing that needs a checkout.
func (l *loader) deployOptions() Deploy {
	d := Deploy{
		MaxEnvironments: l.maxEnvironments(),
		HealthCheckPath: l.text("health-check-path"),
		GitHubCache:     l.gitHubCache(),
		Ingress:         l.ingress(),
		Profile:         oneOf(l, "profile", Standard, Thrifty),
		Tasks:           l.tasks(),
		Gates:           l.gates(),
	}
	d.Access = l.access(d.Ingress)
	unprintable := func(r rune) bool { return r <= ' ' || r == 0x7f }
	if d.HealthCheckPath[0] != '/' || strings.ContainsFunc(d.HealthCheckPath, unprintable) {
		l.addf("health-check-path", "write a path such as /healthz", "%s is not a valid path", quote(d.HealthCheckPath))
	}
	text := l.text("health-check-timeout")
	limit, err := time.ParseDuration(text)
	if n, errNumber := strconv.Atoi(text); errNumber == nil {
		limit, err = time.Duration(n)*time.Second, nil
	}
	if err != nil || limit < time.Second || limit > 24*time.Hour {
		l.addf("health-check-timeout", "write 5m or 300s, at least 1s and at most 24h", "%s is not a valid duration", quote(text))
	}
	d.HealthCheckTimeout = limit
	return d
}

func (l *loader) maxEnvironments() int {
	text := l.text("max-environments")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		l.addf("max-environments", "write a whole number from 1", "%s is not a valid number of environments", quote(text))
	}
	return n
}

func (l *loader) sweepOptions() Sweep {
	s := Sweep{DryRun: l.bool("dry-run"), KeepLabel: l.text("keep-label")}
	if text := l.text("max-age"); text != "" {
		age, err := time.ParseDuration(text)
		if days, ok := strings.CutSuffix(text, "d"); ok {
			n, errNumber := strconv.Atoi(days)
			age, err = time.Duration(n)*24*time.Hour, errNumber
		}
		if err != nil || age < time.Minute {
			l.addf("max-age", "write 7d or 36h, at least 1m", "%s is not a valid duration", quote(text))
		}
		s.MaxAge = age
	}
	return s
}

func (l *loader) ecrRepository() string {
	name := l.text("ecr-repository")
	if strings.ContainsAny(name, ":@") || strings.Contains(name, ".amazonaws.com") {
		l.addf("ecr-repository", "write the name alone, such as team/app", "%s is more than a repository's name", quote(name))
	}
	return name
}

// oneOf returns an input that has a few choices.
func oneOf[T ~string](l *loader, input string, choices ...T) T {
	choice := T(l.text(input))
	if !slices.Contains(choices, choice) {
		var names []string
		for _, c := range choices {
			names = append(names, string(c))
		}
		last := len(names) - 1
		l.addf(input, "write "+strings.Join(names[:last], ", ")+" or "+names[last],
			"%s is not a valid choice", quote(string(choice)))
	}
	return choice
}

// bool returns an input that is true or false.
func (l *loader) bool(input string) bool {
	value, err := strconv.ParseBool(l.text(input))
	if err != nil {
		l.addf(input, "write true or false", "%s is invalid", quote(l.text(input)))
	}
	return value
}

func (l *loader) keyValues(input string) map[string]string {
	values, err := keyValues(l.values[input])
	if err != nil {
		l.addf(input, "write one KEY=VALUE a line, or a mapping in JSON or YAML", "%s", err)
	}
	return values
}
