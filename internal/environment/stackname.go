package environment

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// MaxStackName is the longest name StackName returns. CloudFormation takes 128 characters; 13 are left for the commit
// that ImageTag may append, as a tag has the same limit.
const MaxStackName = 115

var (
	// The rule of CreateStack's StackName, without a hyphen at the end, so that a name can be taken apart again.
	plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$|^[A-Za-z]$`)
	// The end of a name that carries a digest.
	digested = regexp.MustCompile(`-x[0-9a-f]{12}$`)
	// The service is what stands before the last of these.
	pullRequestSuffix = regexp.MustCompile(`^(.+)-(pr-[1-9][0-9]*)$`)
	lastWord          = regexp.MustCompile(`^(.+)-([^-]+)$`)
	unfit             = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// StackName returns the name of an environment's stack: <service>-<name> wherever that is a legal stack name from which
// service and name can be read back, and otherwise something readable that ends in -x and twelve hexadecimal digits of a
// digest of both. So two different pairs never share a name: the readable ones by construction, the others by SHA-256.
//
// It obeys CloudFormation's rule, a letter first, then letters, digits and hyphens, and is at most MaxStackName long.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func StackName(service, name string) string {
	joined := service + "-" + name
	if len(joined) <= MaxStackName && plain.MatchString(joined) && !digested.MatchString(joined) {
		if s, n := split(joined); s == service && n == name {
			return joined
		}
	}
	// The length in front keeps ("a", "b-c") and ("a-b", "c") apart.
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", len(service), service, name))
	suffix := "-x" + hex.EncodeToString(sum[:6])
	readable := strings.Trim(unfit.ReplaceAllString(joined, "-"), "-")
	if readable == "" || !isLetter(readable[0]) {
		readable = strings.TrimRight("s-"+readable, "-")
	}
	if room := MaxStackName - len(suffix); len(readable) > room {
		readable = strings.TrimRight(readable[:room], "-")
	}
	return readable + suffix
}

// split reads service and name back from a readable stack name.
func split(stackName string) (service, name string) {
	parts := pullRequestSuffix.FindStringSubmatch(stackName)
	if parts == nil {
		parts = lastWord.FindStringSubmatch(stackName)
	}
	if parts == nil {
		return stackName, ""
	}
	return parts[1], parts[2]
}

func isLetter(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
