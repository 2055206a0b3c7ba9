package apigateway

import (
	"fmt"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Routes are the API's operations by method and path.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks-vpclinkid.html
var Routes = wire.Routes{"GET /v2/vpclinks/{VpcLinkId}": "GetVpcLink"}

type request struct{ VpcLinkID string }

// Operations returns the API.
func (g *APIGateway) Operations() wire.Operations {
	return wire.Decoded(map[string]func(request) (any, error){"GetVpcLink": g.getVpcLink})
}

// CallPermissions returns what the API's operations need: the HTTP method, on the path.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html
func (g *APIGateway) CallPermissions() permission.Table {
	return permission.Decoded(map[string]func(request) []account.Access{
		"GetVpcLink": func(q request) []account.Access {
			arn := g.arn("/vpclinks/" + q.VpcLinkID)
			return []account.Access{account.Access{Action: "apigateway:GET", Resource: arn}.WithResourceTags(g.account.Tags(arn))}
		},
	})
}

func (g *APIGateway) getVpcLink(q request) (any, error) {
	l := g.links[q.VpcLinkID]
	if l == nil {
		return nil, &wire.APIError{Status: 404, Code: "NotFoundException", Message: fmt.Sprintf("VPC Link not found: %s", q.VpcLinkID)}
	}
	return map[string]any{
		"vpcLinkId": l.id, "name": l.name, "vpcLinkStatus": l.status, "vpcLinkStatusMessage": l.message, "vpcLinkVersion": "V2",
		"securityGroupIds": l.groups, "subnetIds": l.subnets, "createdDate": l.created.UTC().Format(time.RFC3339),
	}, nil
}
