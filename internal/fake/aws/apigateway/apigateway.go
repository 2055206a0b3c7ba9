// Package apigateway is API Gateway's version 2: HTTP APIs, which serve what runs, and VPC links.
package apigateway

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudmap"
	"pr-stack/internal/fake/aws/ec2"
	"pr-stack/internal/fake/aws/internal/account"
)

// APIGateway is the account's HTTP APIs and VPC links.
type APIGateway struct {
	account *account.Account
	ec2     *ec2.EC2
	maps    *cloudmap.CloudMap
	host    func(apiID string) string // of an API; nil: AWS's own form
	apis    map[string]*api           // by ID
	links   map[string]*vpcLink       // by ID

	// Function returns what answers for the function of an ARN. The source is the ARN of the API's route,
	// which the function's policy may name. Nil: no function answers.
	Function func(arn, source string) http.Handler
}

// New returns an API Gateway without APIs. host returns the DNS name of an API, which may have a port;
// if it is nil the name is AWS's own form.
func New(a *account.Account, networks *ec2.EC2, m *cloudmap.CloudMap, host func(apiID string) string) *APIGateway {
	return &APIGateway{account: a, ec2: networks, maps: m, host: host, apis: map[string]*api{}, links: map[string]*vpcLink{}}
}

type api struct {
	id, host     string
	disabled     bool // its execute-api endpoint
	integrations map[string]*integration
	routes       map[string]*route
	authorizers  map[string]*authorizer
	stages       map[string]bool
	next         int // of the round robin
}

type integration struct {
	kind           string // HTTP_PROXY, AWS_PROXY
	connectionType string // VPC_LINK, INTERNET
	link           string // ID of the VPC link
	uri            string
	headers        map[string]map[string]string // that are overwritten, by the status of the answer
}

type route struct {
	key         string // $default, or METHOD PATH
	integration string // its ID
	authorizer  string // its ID; "" for none
}

type authorizer struct {
	issuer   string
	audience []string
}

// vpcLink is a VPC link in the states of the API reference, VpcLinkStatus.
type vpcLink struct {
	id, name string
	status   string // PENDING, AVAILABLE, INACTIVE
	message  string
	groups   []string
	subnets  []string
	created  time.Time
}

// linkDelay is how long a VPC link is PENDING, when it is created or asked again: "This process can
// take a few minutes".
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vpc-links.html
const linkDelay = 2 * time.Minute

// Deactivate makes all VPC links INACTIVE, as after 60 days without a request. The next request fails,
// and makes API Gateway bring them back. It is called with the account's lock held.
func (g *APIGateway) Deactivate() {
	for _, l := range g.links {
		if l.status == "AVAILABLE" {
			l.status, l.message = "INACTIVE", ""
		}
	}
}

// arn returns the ARN of a resource by its path. Such an ARN has no account.
func (g *APIGateway) arn(path string) string {
	return fmt.Sprintf("arn:aws:apigateway:%s::%s", g.account.Region, path)
}

// TaggedAs returns the ARN of the resource whose tags a resource has. Routes, integrations and
// authorizers have no tags of their own, and the Service Authorization Reference lists
// aws:ResourceTag/KEY for them and for their collections. It is inferred that the value is their API's:
// the developer guide says so of REST APIs only.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
func (g *APIGateway) TaggedAs(arn string) string {
	path, isOurs := strings.CutPrefix(arn, g.arn("/apis/"))
	parts := strings.Split(path, "/")
	if !isOurs || len(parts) < 2 || parts[1] == "stages" && len(parts) > 2 {
		return arn
	}
	return g.arn("/apis/" + parts[0])
}
