// Package ecs is ECS on Fargate: clusters, task definitions, services with their deployments, and
// tasks.
package ecs

import (
	"pr-stack/internal/fake/aws/cloudmap"
	"pr-stack/internal/fake/aws/ec2"
	"pr-stack/internal/fake/aws/ecr"
	"pr-stack/internal/fake/aws/elb"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/logs"
)

// Dependencies are the services that ECS itself calls: a task is attached to a network, its image
// is pulled, it is registered with a load balancer or in Cloud Map, and it writes a log.
type Dependencies struct {
	EC2      *ec2.EC2
	ECR      *ecr.ECR
	ELB      *elb.ELB
	CloudMap *cloudmap.CloudMap
	Logs     *logs.Logs
}

// ECS is the account's clusters, task definitions, services and tasks.
type ECS struct {
	Dependencies
	account     *account.Account
	behavior    Behavior
	oneOff      Task
	clusters    map[string]bool // by name
	definitions map[string]*taskDefinition
	revisions   map[string]int // the newest of each family
	services    []*service
	tasks       []*task
	addresses   int
}

// New returns an ECS without clusters. If behavior is nil, every container of a service is the zero
// Container. If oneOff is nil, every container of another task ends after two seconds, with code 0.
func New(a *account.Account, uses Dependencies, behavior Behavior, oneOff Task) *ECS {
	return &ECS{
		Dependencies: uses, account: a, behavior: behavior, oneOff: oneOff,
		clusters: map[string]bool{}, definitions: map[string]*taskDefinition{}, revisions: map[string]int{},
	}
}
