package cfn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"

	"pr-stack/internal/hint"
)

// Summary is what CloudFormation finds in a template.
type Summary struct {
	Parameters   []Parameter
	Capabilities []string // what a deployment must acknowledge
	Types        []string // of its resources
}

// Has reports whether the template has a resource of a type.
func (s Summary) Has(resourceType string) bool { return slices.Contains(s.Types, resourceType) }

// Declares reports whether the template declares a parameter.
func (s Summary) Declares(name string) bool {
	return slices.ContainsFunc(s.Parameters, func(p Parameter) bool { return p.Name == name })
}

// Parameter is a parameter that a template declares.
type Parameter struct {
	Name       string
	HasDefault bool
	Default    string
	NoEcho     bool // its value must not be shown
}

// Summarize returns what CloudFormation finds in a template. ErrInvalidTemplate means that
// CloudFormation does not accept the template; other errors say nothing about the template.
func (c *Client) Summarize(ctx context.Context, template Template) (Summary, error) {
	answer, err := c.API.GetTemplateSummary(ctx, &cloudformation.GetTemplateSummaryInput{
		TemplateBody: template.inCall(), TemplateURL: optional(template.URL),
	})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationError" {
		if reason, ok := strings.CutPrefix(api.ErrorMessage(), "S3 error: "); ok {
			return Summary{}, unreadable(template.URL, reason)
		}
		return Summary{}, &hint.Error{
			Message: "read template: " + api.ErrorMessage(),
			Hint:    "correct the template; cfn-lint finds most such faults before they get here",
			Cause:   ErrInvalidTemplate,
		}
	}
	if err != nil {
		return Summary{}, fmt.Errorf("read template: %w", readError(ctx, err))
	}
	summary := Summary{Types: answer.ResourceTypes}
	for _, p := range answer.Parameters {
		summary.Parameters = append(summary.Parameters, Parameter{
			Name: aws.ToString(p.ParameterKey), HasDefault: p.DefaultValue != nil, Default: aws.ToString(p.DefaultValue), NoEcho: aws.ToBool(p.NoEcho),
		})
	}
	for _, capability := range answer.Capabilities {
		summary.Capabilities = append(summary.Capabilities, string(capability))
	}
	return summary, nil
}
