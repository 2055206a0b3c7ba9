package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// unique returns an ID of so many hexadecimal digits that nothing else in the account has. The same history gives the
// same IDs.
func (a *AWS) unique(digits int) string {
	a.serial++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", a.opts.Account, a.serial))
	return hex.EncodeToString(sum[:])[:digits]
}

func (a *AWS) uuid() string {
	s := a.unique(32)
	return strings.Join([]string{s[:8], s[8:12], "4" + s[13:16], "8" + s[17:20], s[20:]}, "-")
}

// arn returns the ARN of a resource in the account: arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE.
func (a *AWS) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, a.opts.Region, a.opts.Account, resource)
}

// generated is the name that CloudFormation gives to a resource that has none: STACK-LOGICALID-RANDOM, cut to a length.
func (a *AWS) generated(r *resource, longest int) string {
	suffix := "-" + strings.ToUpper(a.unique(12))
	name := r.stack.name + "-" + r.LogicalID
	if len(name)+len(suffix) > longest {
		name = name[:longest-len(suffix)]
	}
	return name + suffix
}
