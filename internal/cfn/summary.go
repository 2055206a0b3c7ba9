package cfn

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// Summary is what CloudFormation reads in a template.
type Summary struct {
	Parameters   []Parameter
	Capabilities []string // what a deployment must acknowledge
}

// Declares reports whether the template declares a parameter.
func (s Summary) Declares(name string) bool {
	for _, p := range s.Parameters {
		if p.Name == name {
			return true
		}
	}
	return false
}

// Parameter is one that a template declares.
type Parameter struct {
	Name       string
	HasDefault bool
}

// Summarize has CloudFormation read a template, and so finds whatever makes it one that CloudFormation does not take.
func (c *Client) Summarize(ctx context.Context, template string) (Summary, error) {
	answer, err := c.API.GetTemplateSummary(ctx, &cloudformation.GetTemplateSummaryInput{TemplateBody: &template})
	if err != nil {
		return Summary{}, fmt.Errorf("read template: %w", translate(err))
	}
	var summary Summary
	for _, p := range answer.Parameters {
		summary.Parameters = append(summary.Parameters, Parameter{Name: aws.ToString(p.ParameterKey), HasDefault: p.DefaultValue != nil})
	}
	for _, capability := range answer.Capabilities {
		summary.Capabilities = append(summary.Capabilities, string(capability))
	}
	return summary, nil
}
