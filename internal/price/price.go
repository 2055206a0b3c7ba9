// Package price tells what an environment costs a day, from the resources in its template and AWS's list prices. It is
// pure. It is an estimate: it knows the few resources that make up most of an environment's price, and names the others;
// what is paid by use (requests, traffic, logs) and discounts are nobody's to know beforehand.
package price

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Estimate is what a stack costs while it stands.
type Estimate struct {
	Daily   float64  // US dollars a day
	Without []string // types of resources that cost something and are not in it, sorted
}

// String says it in a few words: 1.20 USD a day.
func (e Estimate) String() string {
	s := fmt.Sprintf("%.2f USD a day", e.Daily)
	if len(e.Without) > 0 {
		s += " and what " + strings.Join(e.Without, ", ") + " costs"
	}
	return s
}

// Plus adds two estimates.
func (e Estimate) Plus(other Estimate) Estimate {
	without := slices.Concat(e.Without, other.Without)
	slices.Sort(without)
	return Estimate{Daily: e.Daily + other.Daily, Without: slices.Compact(without)}
}

// Of returns what a stack of this template with these parameters costs. A parameter that is not given has its default. An
// error tells that the body is no template.
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

// price is that of one resource.
func (d *document) price(r resource) Estimate {
	switch r.kind {
	case "AWS::ElasticLoadBalancingV2::LoadBalancer":
		return d.loadBalancer(r)
	case "AWS::ECS::Service":
		return d.service(r)
	case "AWS::EC2::NatGateway":
		return Estimate{Daily: natGateway}
	case "AWS::EC2::EIP":
		return Estimate{Daily: publicAddress}
	case "AWS::EC2::VPCEndpoint":
		if kind := text(r.properties["VpcEndpointType"]); kind == "" || kind == "Gateway" {
			return Estimate{}
		}
		return Estimate{Daily: interfaceEndpoint * float64(max(1, len(list(r.properties["SubnetIds"]))))}
	case "AWS::Route53::HostedZone":
		return Estimate{Daily: hostedZone}
	case "AWS::SecretsManager::Secret":
		return Estimate{Daily: secret}
	case "AWS::KMS::Key":
		return Estimate{Daily: key}
	}
	if slices.ContainsFunc(byUse, func(start string) bool { return strings.HasPrefix(r.kind, start) }) {
		return Estimate{}
	}
	return Estimate{Without: []string{r.kind}}
}

// loadBalancer has, if it faces the internet, an address in each of its subnets.
func (d *document) loadBalancer(r resource) Estimate {
	kind, scheme := text(r.properties["Type"]), text(r.properties["Scheme"])
	if kind == "gateway" {
		return Estimate{Without: []string{r.kind}}
	}
	addresses := len(list(r.properties["Subnets"])) + len(list(r.properties["SubnetMappings"]))
	switch {
	case scheme == "internal", text(r.properties["IpAddressType"]) == "dualstack-without-public-ipv4":
		addresses = 0
	case addresses == 0:
		addresses = 2 // they are not known, and an application load balancer takes no fewer
	}
	return Estimate{Daily: loadBalancer + float64(addresses)*publicAddress}
}

// service is that of its tasks, as long as they are Fargate's.
func (d *document) service(r resource) Estimate {
	share := onFargate(r)
	if share == 0 {
		return Estimate{} // it runs on machines that are paid for elsewhere
	}
	task, ok := d.resources[text(r.properties["TaskDefinition"])]
	cpu, okCPU := size(text(task.properties["Cpu"]), 1024, "VCPU")
	gigabytes, okMemory := size(text(task.properties["Memory"]), 1024, "GB")
	platform := object(task.properties["RuntimePlatform"])
	if !ok || !okCPU || !okMemory || strings.HasPrefix(text(platform["OperatingSystemFamily"]), "WINDOWS") {
		return Estimate{Without: []string{r.kind}}
	}
	each := cpu*vCPU + gigabytes*memory
	if text(platform["CpuArchitecture"]) == "ARM64" {
		each = cpu*vCPUOfARM + gigabytes*memoryOfARM
	}
	each *= share
	if network := object(object(r.properties["NetworkConfiguration"])["AwsvpcConfiguration"]); text(network["AssignPublicIp"]) == "ENABLED" {
		each += publicAddress
	}
	tasks := 1.0
	if n, err := strconv.ParseUint(text(r.properties["DesiredCount"]), 10, 31); err == nil {
		tasks = float64(n)
	}
	return Estimate{Daily: tasks * each}
}

// onFargate is what part of Fargate's price on demand a service's tasks cost: 1, less on Spot, and 0 if they run elsewhere.
// A service that says nothing is taken to run on Fargate.
func onFargate(r resource) float64 {
	switch text(r.properties["LaunchType"]) {
	case "EC2", "EXTERNAL":
		return 0
	}
	var sum, weights float64
	for _, item := range list(r.properties["CapacityProviderStrategy"]) {
		provider := object(item)
		n, err := strconv.ParseUint(text(provider["Weight"]), 10, 31)
		if err != nil {
			n = 1
		}
		weight := float64(n)
		weights += weight
		switch text(provider["CapacityProvider"]) {
		case "FARGATE":
			sum += weight
		case "FARGATE_SPOT":
			sum += weight * spot
		}
	}
	if weights == 0 {
		return 1
	}
	return sum / weights
}

// size reads what ECS takes for CPU and memory: 256 and .25 vCPU, 512 and 0.5 GB.
func size(s string, units float64, word string) (float64, bool) {
	upper := strings.ToUpper(strings.TrimSpace(s))
	number, whole := strings.CutSuffix(upper, word)
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !whole {
		n /= units
	}
	return n, err == nil && n > 0 && n < 1e6
}
