package ecs

import (
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/wire"
)

type request struct {
	Cluster        string
	Services       []string
	ServiceName    string
	DesiredStatus  string
	Tasks          []string
	TaskDefinition string
	NextToken      string
	MaxResults     int

	taskRequest
	deploymentRequest
}

// Operations returns the API.
func (e *ECS) Operations() wire.Operations {
	operations := map[string]func(request) (any, error){
		"DescribeServices":       e.describeServices,
		"ListServices":           e.listServices,
		"ListTasks":              e.listTasks,
		"DescribeTasks":          e.describeTasks,
		"DescribeTaskDefinition": e.describeTaskDefinition,
		"ListClusters":           e.listClusters,
		"UpdateService":          e.updateCount,

		"ListServiceDeployments":     e.listServiceDeployments,
		"DescribeServiceDeployments": e.describeServiceDeployments,
		"ContinueServiceDeployment":  e.continueServiceDeployment,
		"StopServiceDeployment":      e.stopServiceDeployment,
		"RunTask":                    e.runTask,
		"StopTask":                   e.stopTask,
	}
	for name, operation := range operations {
		operations[name] = func(q request) (any, error) {
			if q.Cluster != "" && !e.clusters[clusterName(q.Cluster)] {
				return nil, &wire.APIError{Code: "ClusterNotFoundException", Message: "Cluster not found."}
			}
			return operation(q)
		}
	}
	return wire.Decoded(operations)
}

func (e *ECS) describeServices(q request) (any, error) {
	list, failures := []any{}, []any{}
	for _, wanted := range q.Services {
		s := e.findService(q.Cluster, wanted)
		if s == nil {
			failures = append(failures, map[string]any{"arn": wanted, "reason": "MISSING"})
			continue
		}
		list = append(list, e.describeService(s))
	}
	return map[string]any{"services": list, "failures": failures}, nil
}

func (e *ECS) findService(cluster, nameOrARN string) *service {
	for _, s := range slices.Backward(e.services) {
		if s.arn == nameOrARN || s.name == nameOrARN && s.cluster == clusterName(cluster) {
			return s
		}
	}
	return nil
}

func (e *ECS) describeService(s *service) map[string]any {
	running, pending := e.count(s, nil)
	deployments := []any{}
	for i, d := range s.deployments {
		status := "PRIMARY"
		if i > 0 {
			status = "ACTIVE"
		}
		r, p := e.count(s, d)
		desired := s.desired
		if i > 0 {
			desired = 0
		}
		if s.canary != nil {
			deployments = append(deployments, describeRevision(s, d, status, r, p))
			continue
		}
		deployments = append(deployments, map[string]any{
			"id": d.id, "status": status, "taskDefinition": d.definition.arn, "desiredCount": desired, "runningCount": r, "pendingCount": p,
			"failedTasks": d.failed, "rolloutState": d.state, "rolloutStateReason": d.reason,
			"createdAt": wire.EpochSeconds(d.created), "updatedAt": wire.EpochSeconds(d.created),
		})
	}
	if s.controller != "ECS" {
		deployments = []any{} // such a service has task sets in their place (API reference, Deployment)
	}
	events := []any{}
	for _, event := range s.events {
		events = append(events, map[string]any{"id": event.id, "createdAt": wire.EpochSeconds(event.at), "message": event.message})
	}
	groups := []any{}
	for _, g := range s.groups {
		groups = append(groups, map[string]any{"targetGroupArn": g.arn, "containerPort": g.port})
	}
	described := map[string]any{
		"loadBalancers": groups,
		"serviceArn":    s.arn, "serviceName": s.name, "clusterArn": e.account.ARN("ecs", "cluster/"+s.cluster), "status": s.status,
		"desiredCount": s.desired, "runningCount": running, "pendingCount": pending, "taskDefinition": s.deployments[0].definition.arn,
		"deploymentController": map[string]any{"type": s.controller},
		"deployments":          deployments, "events": events, "createdAt": wire.EpochSeconds(s.created),
	}
	if s.canary != nil {
		s.canary.describe(described)
	}
	s.describeNetwork(described)
	return described
}

func (e *ECS) count(s *service, d *deployment) (running, pending int) {
	for _, k := range e.tasks {
		switch {
		case k.service != s, d != nil && k.deployment != d:
		case k.status == "RUNNING":
			running++
		case k.status == "PROVISIONING", k.status == "PENDING":
			pending++
		}
	}
	return running, pending
}

func (e *ECS) listServices(q request) (any, error) {
	arns := []string{}
	for _, s := range e.services {
		if s.cluster == clusterName(q.Cluster) && s.status != "INACTIVE" {
			arns = append(arns, s.arn)
		}
	}
	part, next := wire.Page(arns, q.NextToken, e.account.PageSize(10))
	return wire.WithToken(map[string]any{"serviceArns": part}, next), nil
}

func (e *ECS) listTasks(q request) (any, error) {
	arns := []string{}
	for _, k := range e.tasks {
		stopped := k.status == "STOPPED" || k.stopping
		if k.cluster != clusterName(q.Cluster) || !k.matches(q) || stopped != (q.DesiredStatus == "STOPPED") {
			continue
		}
		arns = append(arns, k.arn)
	}
	part, next := wire.Page(arns, q.NextToken, e.account.PageSize(100))
	return wire.WithToken(map[string]any{"taskArns": part}, next), nil
}

func (e *ECS) describeTasks(q request) (any, error) {
	list := []any{}
	for _, k := range e.tasks {
		if slices.ContainsFunc(q.Tasks, func(wanted string) bool { return wanted == k.arn || wanted == k.id }) {
			list = append(list, describeTask(k))
		}
	}
	return map[string]any{"tasks": list, "failures": []any{}}, nil
}

func describeTask(k *task) map[string]any {
	desired := "RUNNING"
	if k.stopping {
		desired = "STOPPED"
	}
	containers := []any{}
	for _, c := range k.containers {
		described := map[string]any{
			"name": c.name, "image": c.image, "lastStatus": k.status,
			"networkInterfaces": []any{map[string]any{"privateIpv4Address": k.address}},
		}
		if k.status == "RUNNING" || !k.started.IsZero() {
			described["imageDigest"] = c.digest
		}
		if c.exitCode != nil {
			described["exitCode"] = *c.exitCode
		}
		if c.reason != "" {
			described["reason"] = c.reason
		}
		containers = append(containers, described)
	}
	described := map[string]any{
		"taskArn": k.arn, "taskDefinitionArn": k.definition.arn, "lastStatus": k.status, "desiredStatus": desired,
		"containers": containers, "createdAt": wire.EpochSeconds(k.created), "clusterArn": k.ecs.account.ARN("ecs", "cluster/"+k.cluster),
	}
	if k.oneOff != nil {
		described["startedBy"], described["group"] = k.oneOff.request.StartedBy, k.group()
		described["overrides"], described["launchType"] = k.oneOff.request.Overrides, k.oneOff.request.LaunchType
	} else {
		described["startedBy"], described["group"] = k.deployment.id, "service:"+k.service.name
	}
	for name, at := range map[string]time.Time{"pullStartedAt": k.pulling, "pullStoppedAt": k.pulled, "startedAt": k.started, "stoppedAt": k.stopped} {
		if !at.IsZero() {
			described[name] = wire.EpochSeconds(at)
		}
	}
	if k.stoppedReason != "" {
		described["stoppedReason"], described["stopCode"] = k.stoppedReason, k.stopCode
	}
	return described
}

func (e *ECS) describeTaskDefinition(q request) (any, error) {
	for arn, d := range e.definitions {
		if arn != q.TaskDefinition && !strings.HasSuffix(arn, "/"+q.TaskDefinition) {
			continue
		}
		containers := []any{}
		for _, c := range d.containers {
			described := map[string]any{"name": c.name, "image": c.image, "essential": c.essential}
			ports := []any{}
			for _, port := range c.ports {
				ports = append(ports, map[string]any{"containerPort": port, "protocol": "tcp"})
			}
			described["portMappings"] = ports
			if c.log != nil {
				described["logConfiguration"] = map[string]any{"logDriver": "awslogs", "options": c.log}
			}
			containers = append(containers, described)
		}
		return map[string]any{"taskDefinition": map[string]any{"taskDefinitionArn": arn, "containerDefinitions": containers}}, nil
	}
	return nil, &wire.APIError{Code: "ClientException", Message: "Unable to describe task definition."}
}

func (e *ECS) listClusters(q request) (any, error) {
	arns := []string{}
	for _, name := range slices.Sorted(maps.Keys(e.clusters)) {
		arns = append(arns, e.account.ARN("ecs", "cluster/"+name))
	}
	part, next := wire.Page(arns, q.NextToken, e.account.PageSize(100))
	return wire.WithToken(map[string]any{"clusterArns": part}, next), nil
}
