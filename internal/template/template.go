// Package template holds the CloudFormation templates that come with pr-stack, and the contract
// that every template follows: which value each parameter gets, and which output is the URL. It is
// pure except for ReadFile. It does not parse templates: CloudFormation reports what one declares.
package template

import _ "embed"

var (
	// Base is the base stack's template. Each output has the name of the parameter that gets its value.
	//
	//go:embed base.yaml
	Base string

	// Fargate is the default template of a service stack: an ECS service behind its own load
	// balancer. It needs no capability.
	//
	//go:embed fargate.yaml
	Fargate string
)

// ImageParameter is the name of the parameter that takes the image to run.
const ImageParameter = "ImageUri"

// URL returns the URL of a stack with these outputs: the output Url, else the load balancer's name
// in LoadBalancerDNSName, by HTTP. A stack may have neither.
func URL(outputs map[string]string) (url string, ok bool) {
	if url := outputs["Url"]; url != "" {
		return url, true
	}
	if host := outputs["LoadBalancerDNSName"]; host != "" {
		return "http://" + host, true
	}
	return "", false
}
