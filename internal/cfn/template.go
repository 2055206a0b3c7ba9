package cfn

import (
	"strings"

	"pr-stack/internal/hint"
)

// Template is the template of a stack.
type Template struct {
	Body string
	// URL is where CloudFormation reads the template in S3; "" if the call has the body. A call can have
	// 51,200 bytes of it.
	URL string
}

// inCall returns the body that a call has.
func (t Template) inCall() *string {
	if t.URL != "" {
		return nil
	}
	return &t.Body
}

// unreadable returns the error for a template that CloudFormation could not read in S3. It reads it with
// the rights of the caller.
func unreadable(url, reason string) error {
	reason, _, _ = strings.Cut(reason, "\n")
	return hint.New("grant s3:GetObject on it to the role of this job; bootstrap prints the policies of such roles (README.md, Permissions)",
		"read template %s: S3 answered CloudFormation: %s", url, reason)
}
