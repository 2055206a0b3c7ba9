// Package template holds the CloudFormation templates that pr-stack brings along, and the contract that any template
// works by: which value each of its parameters gets, and which of its outputs is the URL. It is pure but for ReadFile,
// and it does not read what is in a template: CloudFormation does, and tells what a template declares.
package template

import _ "embed"

var (
	// Base is the base stack's template. Its outputs are named as the parameters they become.
	//
	//go:embed base.yaml
	Base string

	// Fargate is the service stack's template unless the user has one: an ECS service behind a load balancer of its own.
	// It needs no capability.
	//
	//go:embed fargate.yaml
	Fargate string
)

// URL returns the address that a stack with these outputs answers at: the output Url, else the load balancer's name in
// LoadBalancerDNSName, by HTTP. A stack may have neither.
func URL(outputs map[string]string) (url string, ok bool) {
	if url := outputs["Url"]; url != "" {
		return url, true
	}
	if host := outputs["LoadBalancerDNSName"]; host != "" {
		return "http://" + host, true
	}
	return "", false
}
