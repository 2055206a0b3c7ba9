// Package price estimates what an environment costs a day, from the resources in its template and
// AWS's list prices. It is pure. It knows the few resources that make up most of an environment's
// price, and names the others. It does not include discounts or what is paid by use (requests,
// traffic, logs), because nobody knows these amounts beforehand.
package price

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Estimate is what a stack costs while it exists.
type Estimate struct {
	Daily   float64  // US dollars a day
	Without []string // types of resources that may cost something and are not included, sorted
}

// Monthly returns US dollars a month.
func (e Estimate) Monthly() float64 { return e.Daily * month }

// Plus adds two estimates.
func (e Estimate) Plus(other Estimate) Estimate {
	without := slices.Concat(e.Without, other.Without)
	slices.Sort(without)
	return Estimate{Daily: e.Daily + other.Daily, Without: slices.Compact(without)}
}

// Of returns what a stack of this template with these parameters costs. A parameter that is not
// given gets its default. It returns an error if the body is not a template.
func Of(body string, parameters map[string]string) (Estimate, error) {
	d, err := parse(body, parameters)
	if err != nil {
		return Estimate{}, fmt.Errorf("read the template's resources: %w", err)
	}
	var sum Estimate
	for _, id := range slices.Sorted(maps.Keys(d.resources)) {
		sum = sum.Plus(d.price(d.resources[id]))
	}
	return sum, nil
}

// flat holds what one resource of a type costs a day, whatever its properties are.
var flat = map[string]float64{
	"AWS::EC2::NatGateway":     natGateway,
	"AWS::EC2::EIP":            publicAddress,
	"AWS::Route53::HostedZone": hostedZone,
	// It makes a private hosted zone.
	"AWS::ServiceDiscovery::PrivateDnsNamespace": hostedZone,
	"AWS::SecretsManager::Secret":                secret,
	"AWS::KMS::Key":                              key,
	"AWS::EC2::VPC":                              0, // an endpoint in a VPC is not free
}

// price returns what one resource costs. If the price is not known, or depends on a value that
// could not be evaluated, the result only names the resource's type, in Without.
func (d *document) price(r resource) Estimate {
	daily, known := flat[r.kind]
	switch r.kind {
	case "AWS::ElasticLoadBalancingV2::LoadBalancer":
		daily, known = balancer(r)
	case "AWS::ECS::Service":
		daily, known = d.service(r)
	}
	byUse := slices.ContainsFunc(byUse, func(start string) bool { return strings.HasPrefix(r.kind, start) })
	if byUse || known && !r.uncertain {
		return Estimate{Daily: daily}
	}
	return Estimate{Without: []string{r.kind}}
}

// balancer returns the price of a load balancer. If it faces the internet, the price includes a
// public address in each of its subnets.
func balancer(r resource) (daily float64, known bool) {
	if text(r.properties["Type"]) == "gateway" {
		return 0, false
	}
	addresses := len(list(r.properties["Subnets"])) + len(list(r.properties["SubnetMappings"]))
	scheme, addressType := text(r.properties["Scheme"]), text(r.properties["IpAddressType"])
	switch {
	case scheme == "internal", addressType == "dualstack-without-public-ipv4":
		addresses = 0
	case addresses == 0:
		addresses = 2 // the subnets are unknown, and an application load balancer needs two
	}
	return loadBalancer + float64(addresses)*publicAddress, true
}

// service returns the price of an ECS service: what its tasks cost on Fargate.
func (d *document) service(r resource) (daily float64, known bool) {
	share, known := onFargate(r)
	if !known || share == 0 {
		return 0, known
	}
	task, ok := d.resources[text(r.properties["TaskDefinition"])]
	cpu, okCPU := size(text(task.properties["Cpu"]))
	gigabytes, okMemory := size(text(task.properties["Memory"]))
	platform := object(task.properties["RuntimePlatform"])
	if !ok || !okCPU || !okMemory || strings.HasPrefix(text(platform["OperatingSystemFamily"]), "WINDOWS") {
		return 0, false
	}
	each := cpu*vCPU + gigabytes*memory
	if text(platform["CpuArchitecture"]) == "ARM64" {
		each = cpu*vCPUOfARM + gigabytes*memoryOfARM
	}
	each *= share
	network := object(object(r.properties["NetworkConfiguration"])["AwsvpcConfiguration"])
	if text(network["AssignPublicIp"]) == "ENABLED" {
		each += publicAddress
	}
	count, set := r.properties["DesiredCount"]
	if !set {
		return each, true // ECS runs one task by default
	}
	tasks, err := strconv.ParseUint(text(count), 10, 31)
	return float64(tasks) * each, err == nil
}

// onFargate returns the share of Fargate's on-demand price that a service's tasks cost: 1 on demand,
// less on Spot, and 0 on machines that are paid for elsewhere. The share of a mixture is
// not known.
func onFargate(r resource) (share float64, known bool) {
	provider, strategy := text(r.properties["LaunchType"]), list(r.properties["CapacityProviderStrategy"])
	switch {
	case len(strategy) == 1:
		provider = text(object(strategy[0])["CapacityProvider"])
		known = provider != ""
	case len(strategy) == 0:
		known = true
	}
	switch provider {
	case "", "FARGATE":
		return 1, known
	case "FARGATE_SPOT":
		return spot, known
	}
	return 0, known
}

// size converts a task's CPU or memory from ECS's units to vCPUs or gigabytes: 1024 units are one.
// It does not read ".5 vCPU", which ECS also accepts, because this form is rare.
func size(s string) (units float64, ok bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	return float64(n) / 1024, err == nil && n > 0
}
