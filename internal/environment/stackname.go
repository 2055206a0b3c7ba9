package environment

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MaxStackName is the length of the longest name that StackName returns. CloudFormation allows 128
// characters.
const MaxStackName = 115

var (
	// validName is CreateStack's rule for StackName, but without a hyphen at the end, so that split
	// can read a name back.
	validName         = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$|^[A-Za-z]$`)
	invalidCharacters = regexp.MustCompile(`[^A-Za-z0-9]+`)

	// hashSuffix is the end of a name that StackName made unique with a hash.
	hashSuffix = regexp.MustCompile(`-x[0-9a-f]{12}$`)

	// A name splits into service and environment at the last hyphen, or before pr-<number>.
	pullRequestSuffix = regexp.MustCompile(`^(.+)-(pr-[1-9][0-9]*)$`)
	wordSuffix        = regexp.MustCompile(`^(.+)-([^-]+)$`)
)

// StackName returns the default name of the environment's stack.
func (e Environment) StackName() string {
	return StackName(e.Service, e.Name)
}

// StackName returns the name of the stack of an environment, given its service and its own name. It
// is <service>-<name> if that is a valid stack name from which both can be read back. Otherwise it
// is a readable name that ends in -x and the first twelve hexadecimal digits of a hash of both. So
// two different pairs never have the same name: the first kind can be read back, and the second has
// the SHA-256.
//
// The name follows CloudFormation's rule: a letter first, then letters, digits and hyphens. It is at
// most MaxStackName long.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func StackName(service, name string) string {
	joined := service + "-" + name
	if len(joined) <= MaxStackName && validName.MatchString(joined) && !hashSuffix.MatchString(joined) {
		if s, n := split(joined); s == service && n == name {
			return joined
		}
	}
	// The length in front makes the hashes of ("a", "b c") and ("a b", "c") differ.
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", len(service), service, name))
	suffix := "-x" + hex.EncodeToString(sum[:6])
	readable := strings.Trim(invalidCharacters.ReplaceAllString(joined, "-"), "-")
	if readable == "" || !isLetter(readable[0]) {
		readable = strings.TrimRight("s-"+readable, "-")
	}
	if limit := MaxStackName - len(suffix); len(readable) > limit {
		readable = strings.TrimRight(readable[:limit], "-")
	}
	return readable + suffix
}

// split reads service and environment back from a readable stack name.
func split(stackName string) (service, name string) {
	parts := pullRequestSuffix.FindStringSubmatch(stackName)
	if parts == nil {
		parts = wordSuffix.FindStringSubmatch(stackName)
	}
	if parts == nil {
		return stackName, ""
	}
	return parts[1], parts[2]
}

func isLetter(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// PullRequestStacks returns patterns, with * for any characters, that match the names of all stacks of
// a service's pull requests, and of the stacks nested in them. Stacks of another service may match,
// too; their tags are different.
func PullRequestStacks(service string) (patterns []string) {
	for _, number := range []int{1, 1e9} { // a long name is cut, at a place that depends on the number's length
		name := ForPullRequest(service, number).StackName()
		readable := hashSuffix.ReplaceAllString(name, "")
		readable = strings.TrimSuffix(readable, strconv.Itoa(number)) // a name that was cut has lost it already
		if pattern := readable + "*"; !slices.Contains(patterns, pattern) {
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}
