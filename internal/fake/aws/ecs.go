package aws

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ecsStore is the account's clusters, task definitions, services and tasks.
type ecsStore struct {
	clusters    map[string]bool // by name
	definitions map[string]*taskDefinition
	revisions   map[string]int // the newest of each family
	services    []*service
	tasks       []*task
	addresses   int
}

type taskDefinition struct {
	arn        string
	containers []containerDefinition
	active     bool
}

type containerDefinition struct {
	name, image string
	essential   bool
	environment map[string]string
	log         map[string]any
	ports       []int
	stopTimeout time.Duration
}

// ecsTypes are clusters, task definitions and services.
func ecsTypes() map[string]resourceType {
	return map[string]resourceType{
		"AWS::ECS::Cluster": {
			create: createCluster,
			delete: func(a *AWS, r *resource, done func(error)) {
				var err error
				for _, s := range a.ecs.services {
					if s.cluster == r.PhysicalID && s.status == "ACTIVE" {
						err = awsText(fmt.Sprintf("The Cluster cannot be deleted while Services are active. (Service: AmazonECS; Status Code: 400; Error Code: ClusterContainsServicesException; Request ID: %s; Proxy: null)", a.uuid()))
					}
				}
				if err == nil {
					delete(a.ecs.clusters, r.PhysicalID)
				}
				a.after(time.Second, func() { done(err) })
			},
			replaces: differ("ClusterName"),
		},
		"AWS::ECS::TaskDefinition": {
			create:   createTaskDefinition,
			replaces: func(_, _ map[string]any) bool { return true }, // a revision is never changed
			delete: func(a *AWS, r *resource, done func(error)) {
				a.ecs.definitions[r.PhysicalID].active = false
				a.after(time.Second, func() { done(nil) })
			},
		},
		"AWS::ECS::Service": {
			create:   createService,
			update:   updateService,
			replaces: differ("ServiceName", "Cluster", "LoadBalancers"),
			delete:   deleteService,
		},
	}
}

func createCluster(a *AWS, r *resource, done func(error)) {
	r.PhysicalID = text(r.Properties["ClusterName"])
	if r.PhysicalID == "" {
		r.PhysicalID = a.generated(r, 255)
	}
	if a.ecs.clusters == nil {
		a.ecs.clusters = map[string]bool{}
	}
	a.ecs.clusters[r.PhysicalID] = true
	r.Attributes["Arn"] = a.arn("ecs", "cluster/"+r.PhysicalID)
	a.after(7500*time.Millisecond, func() { done(nil) })
}

func createTaskDefinition(a *AWS, r *resource, done func(error)) {
	family := text(r.Properties["Family"])
	if family == "" {
		family = a.generated(r, 255)
	}
	if a.ecs.definitions == nil {
		a.ecs.definitions, a.ecs.revisions = map[string]*taskDefinition{}, map[string]int{}
	}
	a.ecs.revisions[family]++
	d := &taskDefinition{arn: a.arn("ecs", fmt.Sprintf("task-definition/%s:%d", family, a.ecs.revisions[family])), active: true}
	list, _ := r.Properties["ContainerDefinitions"].([]any)
	for _, item := range list {
		d.containers = append(d.containers, readContainer(object(item)))
	}
	a.ecs.definitions[d.arn] = d
	r.PhysicalID = d.arn
	r.Attributes["TaskDefinitionArn"] = d.arn
	a.after(3*time.Second, func() { done(nil) })
}

func readContainer(p map[string]any) containerDefinition {
	c := containerDefinition{
		name:        text(p["Name"]),
		image:       text(p["Image"]),
		essential:   text(p["Essential"]) != "false",
		environment: map[string]string{},
		stopTimeout: seconds(p["StopTimeout"], 30),
	}
	variables, _ := p["Environment"].([]any)
	for _, v := range variables {
		c.environment[text(object(v)["Name"])] = text(object(v)["Value"])
	}
	mappings, _ := p["PortMappings"].([]any)
	for _, m := range mappings {
		c.ports = append(c.ports, number(object(m)["ContainerPort"], 80))
	}
	if log := object(p["LogConfiguration"]); text(log["LogDriver"]) == "awslogs" {
		c.log = object(log["Options"])
	}
	return c
}

// clusterName takes a cluster's name out of its ARN, if it is one.
func clusterName(nameOrARN string) string {
	return nameOrARN[strings.LastIndex(nameOrARN, "/")+1:]
}

// handlerError is how CloudFormation's newer resource handlers word a failure.
func (a *AWS) handlerError(message, code string) error {
	return awsText(fmt.Sprintf("Resource handler returned message: %s (RequestToken: %s, HandlerErrorCode: %s)", strconv.Quote(message), a.uuid(), code))
}
