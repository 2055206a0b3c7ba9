package environment

import "regexp"

// shortCommit is how many digits of a commit's SHA a tag has.
const shortCommit = 12

var hexadecimal = regexp.MustCompile(`^[0-9a-f]+$`)

// ImageTags are the tags of an environment's images in an ECR repository.
type ImageTags struct {
	prefix string
}

// ImageTags returns the tags of the environment's images in a repository that holds images of this
// service only: <environment>-<sha12>.
func (e Environment) ImageTags() ImageTags {
	if !validName.MatchString(e.Name) {
		return e.SharedImageTags()
	}
	return ImageTags{prefix: e.Name + "-"}
}

// SharedImageTags returns the tags of the environment's images in a repository that other services
// may push to as well: <stack name>-<sha12>, so that no service takes another's image for its own.
func (e Environment) SharedImageTags() ImageTags {
	return ImageTags{prefix: e.StackName() + "-"}
}

// For returns the tag for a commit. It takes the full SHA.
func (t ImageTags) For(commit string) string {
	return t.prefix + commit[:min(shortCommit, len(commit))]
}

// Match reports whether tag is one of an image of this environment: pr-7 owns pr-7-0123456789ab, but
// not pr-71-0123456789ab.
func (t ImageTags) Match(tag string) bool {
	if len(tag) != len(t.prefix)+shortCommit || tag[:len(t.prefix)] != t.prefix {
		return false
	}
	return hexadecimal.MatchString(tag[len(t.prefix):])
}
