package environment

import "regexp"

// shortCommit is how much of a commit's SHA a tag shows.
const shortCommit = 12

// ImageTags names an environment's images in an ECR repository.
type ImageTags struct {
	prefix string
}

// ImageTags returns the tags of the environment's images. In a repository of the service's own they are
// <environment>-<sha12>; in one that other services push to as well, the stack's name stands in front instead, so that
// no service ever takes another's image for its own.
func (e Environment) ImageTags(sharedRepository bool) ImageTags {
	if sharedRepository || !plain.MatchString(e.Name) {
		return ImageTags{prefix: e.StackName() + "-"}
	}
	return ImageTags{prefix: e.Name + "-"}
}

// For returns the tag of one commit, given by its full SHA.
func (t ImageTags) For(commit string) string {
	return t.prefix + commit[:min(shortCommit, len(commit))]
}

// Match tells whether a tag names an image of this environment: pr-7 owns pr-7-0123456789ab, not pr-71-0123456789ab.
func (t ImageTags) Match(tag string) bool {
	if len(tag) != len(t.prefix)+shortCommit || tag[:len(t.prefix)] != t.prefix {
		return false
	}
	return hexadecimal.MatchString(tag[len(t.prefix):])
}

var hexadecimal = regexp.MustCompile(`^[0-9a-f]+$`)
