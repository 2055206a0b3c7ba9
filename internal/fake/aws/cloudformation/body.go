package cloudformation

import (
	"fmt"
	"net/url"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

const (
	// maxTemplate is the maximum size of TemplateBody, in bytes.
	maxTemplate = 51_200
	// maxStored is the maximum size of the template at a TemplateURL, in bytes. The quotas say 1 MB, and
	// the API refuses what is over a million: "Template may not exceed 1000000 bytes in size."
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
	maxStored = 1_000_000
)

// body returns the template that a call gives, in itself or at a TemplateURL, which CloudFormation reads
// with the caller's rights.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func (c *Engine) body(form url.Values) (string, error) {
	address, body := form.Get("TemplateURL"), form.Get("TemplateBody")
	switch {
	case address != "" && body != "":
		return "", wire.Invalid("Only one of Template URL or Template Body may be specified.") // inferred
	case address != "":
		return c.stored(c.account.Caller.Via("cloudformation.amazonaws.com"), address)
	case len(body) > maxTemplate:
		return "", wire.Invalid(fmt.Sprintf("1 validation error detected: Value '%s' at 'templateBody' "+
			"failed to satisfy constraint: Member must have length less than or equal to 51200", body))
	}
	return body, nil
}

// stored returns the template at an address.
func (c *Engine) stored(caller *account.Principal, address string) (string, error) {
	body, put := c.bodies[address]
	if !put {
		var err error
		if body, err = c.options.ReadTemplate(caller, address); err != nil {
			return "", err
		}
	}
	if len(body) > maxStored {
		return "", wire.Invalid(fmt.Sprintf("Template may not exceed %d bytes in size.", maxStored))
	}
	return body, nil
}
