package config

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// checkName takes what a tag's value may be and a person would call a name.
func (l *loader) checkName(input, name string) {
	if !named.MatchString(name) || len(name) > 100 {
		l.addf(input, "use letters, digits, blanks and _ . : / = + - @, at most 100", "%s is no name that AWS takes as a tag", quote(name))
	}
}

func (l *loader) checkStackName(input, name string) {
	if name != "" && (!stackName.MatchString(name) || len(name) > 128) {
		l.addf(input, "begin with a letter and use letters, digits and hyphens, at most 128", "%s is no name for a stack", quote(name))
	}
}

var (
	named     = regexp.MustCompile(`^[\p{L}\p{N}_.:/=+@-]([\p{L}\p{N} _.:/=+@-]*[\p{L}\p{N}_.:/=+@-])?$`)
	stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)
	roleARN   = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/.+$`)
	region    = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d+$`)
	tagKey    = regexp.MustCompile(`^[\p{L}\p{N}\p{Z}_.:/=+@-]{1,128}$`)
)

// checkTags keeps to AWS's rules and to what is not the user's to set.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Tag.html
func (l *loader) checkTags(tags map[string]string) {
	const most = 45 // of the 50 that a stack may have, pr-stack needs up to 5
	if len(tags) > most {
		l.addf("tags", "", "there are %d, and a stack takes %d besides those of pr-stack", len(tags), most)
	}
	for _, key := range sortedKeys(tags) {
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"), strings.HasPrefix(key, "pr-stack:"):
			l.addf("tags", "choose another key", "%s is reserved", quote(key))
		case !tagKey.MatchString(key):
			l.addf("tags", "use letters, digits, blanks and _ . : / = + - @, at most 128", "%s is no key of a tag", quote(key))
		case utf8.RuneCountInString(tags[key]) > 256:
			l.addf("tags", "", "the value of %s has %d characters, and AWS takes 256", quote(key), utf8.RuneCountInString(tags[key]))
		}
	}
}
