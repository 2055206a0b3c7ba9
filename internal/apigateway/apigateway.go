// Package apigateway reads the state of VPC links, through which HTTP APIs reach tasks. It changes
// nothing.
package apigateway

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
)

// VPCLink is one VPC link, by its ID. Both fields must be set.
type VPCLink struct {
	API *apigatewayv2.Client
	ID  string
}

// Status returns AVAILABLE, PENDING, INACTIVE, DELETING or FAILED. A link that nobody used for 60 days
// is INACTIVE.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vpc-links.html
func (l VPCLink) Status(ctx context.Context) (string, error) {
	answer, err := l.API.GetVpcLink(ctx, &apigatewayv2.GetVpcLinkInput{VpcLinkId: &l.ID})
	if err != nil {
		return "", fmt.Errorf("read VPC link %s: %w", l.ID, err)
	}
	return string(answer.VpcLinkStatus), nil
}
