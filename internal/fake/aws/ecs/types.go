package ecs

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

type taskDefinition struct {
	arn, family string
	containers  []containerDefinition
	active      bool
	roles       []string // ARNs
	hasNetwork  bool     // its tasks have network interfaces of their own: awsvpc
}

type containerDefinition struct {
	name, image string
	essential   bool
	environment map[string]string
	log         map[string]any
	ports       []int
	stopTimeout time.Duration
}

// Types returns clusters, task definitions and services. A change of a property of Replaces needs a new
// resource: createOnlyProperties of AWS's schemas (pulumi-aws-native 43eed3b, 2026-08-07), which of a
// task definition are all but its tags.
func (e *ECS) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::ECS::Cluster": {
			Create: e.createCluster,
			Delete: func(r *cloudformation.Resource, done func(error)) {
				var err error
				for _, s := range e.services {
					if s.cluster == r.PhysicalID && s.status == "ACTIVE" {
						err = wire.Reason(fmt.Sprintf("The Cluster cannot be deleted while Services are active. (Service: AmazonECS; Status Code: 400; Error Code: ClusterContainsServicesException; Request ID: %s; Proxy: null)", e.account.UUID()))
					}
				}
				if err == nil {
					delete(e.clusters, r.PhysicalID)
				}
				e.account.After(time.Second, func() { done(err) })
			},
			Replaces: cloudformation.AnyChanged("ClusterName"),
			Taggable: true, Permissions: e.clusterPermissions(),
			Retag: 4 * time.Second, // not recorded: half of a creation, which waits for the cluster too
		},
		"AWS::ECS::TaskDefinition": {
			Create:   e.createTaskDefinition,
			Replaces: func(_, _ map[string]any) bool { return true }, // a revision is never changed, but for its tags
			Taggable: true, Permissions: e.taskDefinitionPermissions(),
			Retag: 3 * time.Second, // not recorded: as long as a creation
			Delete: func(r *cloudformation.Resource, done func(error)) {
				e.definitions[r.PhysicalID].active = false
				e.account.After(time.Second, func() { done(nil) })
			},
		},
		"AWS::ECS::Service": {
			Create:   e.createService,
			Update:   e.updateService,
			Replaces: cloudformation.AnyChanged("Cluster", "Role", "SchedulingStrategy", "ServiceName"),
			Delete:   e.deleteService,
			Taggable: true, Permissions: e.servicePermissions(),
			// Not recorded: no deployment begins, and the handler finds the last one completed at once.
			Retag: 5 * time.Second,
			// Since 2026-09-28, just before the update of a service is complete (SiM07/copilot-cli).
			ConsistencyCheck: true,
		},
	}
}

func (e *ECS) createCluster(r *cloudformation.Resource, done func(error)) {
	if err := e.ensureRole(r); err != nil {
		e.account.After(time.Second, func() { done(err) })
		return
	}
	r.PhysicalID = e.nameOf(r, "ClusterName")
	e.clusters[r.PhysicalID] = true
	r.Attributes["Arn"] = e.account.ARN("ecs", "cluster/"+r.PhysicalID)
	e.account.After(7500*time.Millisecond, func() { done(nil) })
}

func (e *ECS) createTaskDefinition(r *cloudformation.Resource, done func(error)) {
	family := e.nameOf(r, "Family")
	e.revisions[family]++
	d := &taskDefinition{arn: e.account.ARN("ecs", fmt.Sprintf("task-definition/%s:%d", family, e.revisions[family])), family: family, active: true}
	d.roles, d.hasNetwork = rolesOf(r), property.Text(r.Properties["NetworkMode"]) == "awsvpc"
	list, _ := r.Properties["ContainerDefinitions"].([]any)
	for _, item := range list {
		d.containers = append(d.containers, readContainer(property.Object(item)))
	}
	e.definitions[d.arn] = d
	r.PhysicalID = d.arn
	r.Attributes["TaskDefinitionArn"] = d.arn
	e.account.After(3*time.Second, func() { done(nil) })
}

func readContainer(p map[string]any) containerDefinition {
	c := containerDefinition{
		name:        property.Text(p["Name"]),
		image:       property.Text(p["Image"]),
		essential:   property.Text(p["Essential"]) != "false",
		environment: map[string]string{},
		stopTimeout: property.Seconds(p["StopTimeout"], 30),
	}
	variables, _ := p["Environment"].([]any)
	for _, v := range variables {
		c.environment[property.Text(property.Object(v)["Name"])] = property.Text(property.Object(v)["Value"])
	}
	mappings, _ := p["PortMappings"].([]any)
	for _, m := range mappings {
		c.ports = append(c.ports, property.Number(property.Object(m)["ContainerPort"], 80))
	}
	if log := property.Object(p["LogConfiguration"]); property.Text(log["LogDriver"]) == "awslogs" {
		c.log = property.Object(log["Options"])
	}
	return c
}

// clusterName returns a cluster's name, also from its ARN.
func clusterName(nameOrARN string) string {
	return nameOrARN[strings.LastIndex(nameOrARN, "/")+1:]
}

// ensureRole creates ECS's service-linked role. Without the right to, the caller learns only that the
// role is missing (copilot-cli#5586).
func (e *ECS) ensureRole(r *resource) error {
	if e.account.EnsureServiceLinkedRole(r.Principal(), "ecs.amazonaws.com") == nil {
		return nil
	}
	operation := "Create" + r.Type[strings.LastIndex(r.Type, ":")+1:]
	return e.handlerError(fmt.Sprintf("Invalid request provided: %s Invalid Request: Unable to assume the service linked role. "+
		"Please verify that the ECS service linked role exists. (Service: AmazonECS; Status Code: 400; "+
		"Error Code: InvalidParameterException; Request ID: %s; Proxy: null)", operation, e.account.UUID()), "InvalidRequest")
}

func (e *ECS) handlerError(message, code string) error {
	return cloudformation.HandlerError(e.account, message, code)
}
