package cfn

import (
	"strings"

	"pr-stack/internal/hint"
)

// Template is the template of a stack.
type Template struct {
	Body string
	// URL is where CloudFormation reads the template in S3; "" if the body is sent with the call, which may
	// have 51,200 bytes.
	URL string
}

// inCall returns the body to send with a call, or nil if CloudFormation reads it in S3.
func (t Template) inCall() *string {
	if t.URL != "" {
		return nil
	}
	return &t.Body
}

// unreadable returns the error for a template that CloudFormation could not read in S3, which it does with
// the caller's permissions.
func unreadable(url, reason string) error {
	reason, _, _ = strings.Cut(reason, "\n")
	return hint.New("grant s3:GetObject on it to the role of this job, or run bootstrap again if it made that role (README.md, Permissions)",
		"read template %s: S3 answered CloudFormation: %s", url, reason)
}
