package config

import (
	"cmp"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"pr-stack/internal/environment"
)

func (in *Inputs) service() string {
	_, repository, _ := strings.Cut(in.environ["GITHUB_REPOSITORY"], "/")
	return cmp.Or(in.text("service"), repository, filepath.Base(in.dir)) // docker compose also names a project after its folder
}

// Environment returns the one that is named, or that of the pull request which the event is about.
// Its Name is "" if there is neither.
func (in *Inputs) Environment() environment.Environment {
	switch pull := in.trigger.PullRequest; {
	case in.text("environment") != "":
		return in.named()
	case in.promotes():
		return environment.Permanent(in.service(), productionName)
	case pull != nil:
		return environment.ForPullRequest(in.service(), pull.Number)
	}
	return environment.Environment{Service: in.service()}
}

// named returns the environment that is named by hand. It is a pull request's if it is called as one.
func (in *Inputs) named() environment.Environment {
	name := in.text("environment")
	if digits, ok := strings.CutPrefix(name, "pr-"); ok {
		if n, err := strconv.Atoi(digits); err == nil && n > 0 && strconv.Itoa(n) == digits {
			return environment.ForPullRequest(in.service(), n)
		}
	}
	return environment.Permanent(in.service(), name)
}

// StackName returns the name of the service stack, or "" if no environment is known.
func (in *Inputs) StackName() string {
	name := in.text("stack-name")
	if e := in.Environment(); name == "" && e.Name != "" {
		return e.StackName()
	}
	return name
}

func (l *loader) checkNames() {
	e, base, stack := l.Environment(), l.Settings().BaseStack, l.StackName()
	l.checkName("service", e.Service)
	if e.Name != "" {
		l.checkName("environment", e.Name)
	}
	if e.Name == environment.Base {
		l.addf("environment", "choose another name",
			"%s is the name of the base stack's environment", quote(environment.Base))
	}
	l.checkStackName("base-stack", base)
	l.checkStackName("stack-name", stack)
	if stack == base && e.Name != environment.Base {
		l.addf("stack-name", "give the service stack a name of its own", "%s is the base stack", quote(stack))
	}
	if stack == environment.RolesStackName(base) {
		l.addf("stack-name", "give the service stack a name of its own", "%s is the stack of the jobs' roles", quote(stack))
	}
}

// checkPermanentName refuses to deploy a permanent environment that is called like those of pull
// requests. The policy of pull requests' jobs allows every stack, and every tag, that begins with pr-.
func (l *loader) checkPermanentName(e environment.Environment) {
	if e.PullRequest == 0 && likePullRequest.MatchString(e.Name) {
		l.addf("environment", "choose a name that does not begin with pr and a hyphen, a dot or the like",
			"%s is called like the environments of pull requests, so whoever may push a branch could change its stack",
			quote(e.Name))
	}
}

// checkName accepts a name that is not too long and that AWS allows as a tag's value.
func (l *loader) checkName(input, name string) {
	if !validName.MatchString(name) || len(name) > 100 {
		l.addf(input, "use letters, digits, blanks and _ . : / = + - @, in at most 100 bytes",
			"%s is not a valid name, which is also the value of an AWS tag", quote(name))
	}
}

func (l *loader) checkStackName(input, name string) {
	if name != "" && (!stackName.MatchString(name) || len(name) > 128) {
		l.addf(input, "begin with a letter and use letters, digits and hyphens, at most 128",
			"%s is not a valid stack name", quote(name))
	}
}

var (
	validName = regexp.MustCompile(`^[\p{L}\p{N}_.:/=+@-]([\p{L}\p{N} _.:/=+@-]*[\p{L}\p{N}_.:/=+@-])?$`)
	// likePullRequest matches what is written as pr- in the name of a stack.
	likePullRequest = regexp.MustCompile(`^pr[^A-Za-z0-9]`)

	stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)
	roleARN   = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/.+$`)
	region    = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d+$`)
	tagKey    = regexp.MustCompile(`^[\p{L}\p{N}\p{Z}_.:/=+@-]{1,128}$`)
)

// checkTags keeps to AWS's rules and to what users may set.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Tag.html
func (l *loader) checkTags(tags map[string]string) {
	const most = 45 // of the 50 that a stack may have, pr-stack needs up to 5
	if len(tags) > most {
		l.addf("tags", "", "there are %d, but a stack can have only %d besides those of pr-stack", len(tags), most)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"), strings.HasPrefix(key, "pr-stack:"):
			l.addf("tags", "choose another key", "%s is reserved", quote(key))
		case !tagKey.MatchString(key):
			l.addf("tags", "use letters, digits, blanks and _ . : / = + - @, at most 128",
				"%s is not a valid tag key", quote(key))
		case utf8.RuneCountInString(tags[key]) > 256:
			l.addf("tags", "", "the value of %s has %d characters, but AWS allows only 256",
				quote(key), utf8.RuneCountInString(tags[key]))
		}
	}
}
