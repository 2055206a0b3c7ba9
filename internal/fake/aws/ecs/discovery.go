package ecs

import (
	"pr-stack/internal/fake/aws/cloudmap"
	"pr-stack/internal/fake/aws/internal/property"
)

// serviceRegistry is a service of Cloud Map in which the tasks are registered.
type serviceRegistry struct {
	arn  string
	port int // that an SRV record has
}

// instance is a task in such a service.
type instance struct {
	registry string // its ARN
	entry    *cloudmap.Instance
}

func registriesOf(p map[string]any) (list []serviceRegistry) {
	for _, item := range property.List(p["ServiceRegistries"]) {
		o := property.Object(item)
		list = append(list, serviceRegistry{
			arn: property.Text(o["RegistryArn"]), port: property.Number(o["ContainerPort"], property.Number(o["Port"], 0)),
		})
	}
	return list
}

// discover registers a task that runs in Cloud Map.
func (e *ECS) discover(k *task) {
	for _, r := range k.service.registries {
		if entry := e.CloudMap.Register(r.arn, k.id, k, r.port); entry != nil {
			k.instances = append(k.instances, instance{r.arn, entry})
		}
	}
}

// forget removes a task from Cloud Map. Nothing waits until callers know that: "the task is stopped as
// soon as the target is deregistered" (containers-roadmap#1639).
func (e *ECS) forget(k *task) {
	for _, i := range k.instances {
		e.CloudMap.Deregister(i.registry, i.entry)
	}
	k.instances = nil
}
