package environment

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

const (
	shortCommit = 12 // digits of a commit's SHA in a tag
	uniqueSize  = 8  // digits that keep two pushes apart
	maxTag      = 128
)

var hexadecimal = regexp.MustCompile(`^[0-9a-f]+$`)

// ImageTags are the tags of a stack's images in an ECR repository. A tag is for people to read. The
// stack says which image runs, and of which commit it is. No two pushes have the same tag, so a push
// never takes a tag, perhaps the only one, from an image that runs.
//
// A tag ends in <separator><sha12><separator><unique8>. The part before has only letters, digits and
// hyphens (and a dot and a hash, if a stack's name is too long for a tag), so two environments never
// have the same tag. The two kinds of tags have different separators, so they are never the same
// either.
type ImageTags struct {
	prefix    string // with the separator
	separator string
	old       string // prefix of tags that an older pr-stack gave: pr-7-0123456789ab
}

// ImageTags returns the tags of the images of one of the environment's stacks in a repository that
// holds images of this service only: <environment>.<sha12>.<unique8>.
func (e Environment) ImageTags(stackName string) ImageTags {
	if valid := validName.MatchString(e.Name); !valid || stackName != e.StackName() {
		// The environment's name cannot begin a tag, or it has several stacks, each with its own images.
		tags := e.SharedImageTags(stackName)
		if tags.old = e.StackName() + "-"; valid {
			tags.old = e.Name + "-"
		}
		return tags
	}
	return ImageTags{prefix: e.Name + ".", separator: ".", old: e.Name + "-"}
}

// SharedImageTags returns the tags of a stack's images in a repository that other services may push to
// as well: <stack name>_<sha12>_<unique8>. No two environments have stacks of the same name. Old tags
// of this kind, <stack name>-<sha12>, are not recognized: an environment of another service that is
// named like the stack has the same ones.
func (e Environment) SharedImageTags(stackName string) ImageTags {
	const separator = "_"
	if room := maxTag - 2*len(separator) - shortCommit - uniqueSize; len(stackName) > room {
		sum := sha256.Sum256([]byte(stackName))
		suffix := "." + hex.EncodeToString(sum[:6]) // no stack's name has a dot
		stackName = stackName[:room-len(suffix)] + suffix
	}
	return ImageTags{prefix: stackName + separator, separator: separator}
}

// For returns the tag of a commit's image, from the full SHA and hexadecimal digits that are different
// for each push.
func (t ImageTags) For(commit, unique string) string {
	return t.prefix + shorten(commit, shortCommit) + t.separator + shorten(unique, uniqueSize)
}

// Match reports whether tag is one of this stack's images: pr-7 owns pr-7.0123456789ab.01234567 and
// pr-7-0123456789ab, but not pr-71.0123456789ab.01234567.
func (t ImageTags) Match(tag string) bool {
	_, ok := t.commit(tag)
	return ok
}

// MatchCommit reports whether tag is one of this stack's images of that commit.
func (t ImageTags) MatchCommit(tag, commit string) bool {
	found, ok := t.commit(tag)
	return ok && found == shorten(commit, shortCommit)
}

// commit returns the first digits of the commit in a tag of this stack.
func (t ImageTags) commit(tag string) (commit string, ok bool) {
	end := len(t.prefix) + shortCommit
	if t.old != "" && len(tag) == len(t.old)+shortCommit && tag[:len(t.old)] == t.old {
		commit = tag[len(t.old):]
		return commit, hexadecimal.MatchString(commit)
	}
	if len(tag) != end+len(t.separator)+uniqueSize || tag[:len(t.prefix)] != t.prefix || tag[end:end+1] != t.separator {
		return "", false
	}
	commit = tag[len(t.prefix):end]
	return commit, hexadecimal.MatchString(commit) && hexadecimal.MatchString(tag[end+1:])
}

func shorten(digits string, n int) string { return digits[:min(n, len(digits))] }
