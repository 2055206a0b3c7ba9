package aws

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

type ecsRequest struct {
	Cluster        string
	Services       []string
	ServiceName    string
	DesiredStatus  string
	Tasks          []string
	TaskDefinition string
	NextToken      string
	MaxResults     int
}

func ecsOperations() map[string]jsonOperation {
	operations := map[string]jsonOperation{}
	for name, operation := range map[string]func(*AWS, ecsRequest) (any, error){
		"DescribeServices":       (*AWS).describeServices,
		"ListServices":           (*AWS).listServices,
		"ListTasks":              (*AWS).listTasks,
		"DescribeTasks":          (*AWS).describeTasks,
		"DescribeTaskDefinition": (*AWS).describeTaskDefinition,
		"ListClusters":           (*AWS).listClusters,
	} {
		operations[name] = func(a *AWS, body []byte) (any, error) {
			var q ecsRequest
			if err := json.Unmarshal(body, &q); err != nil {
				return nil, &apiError{Code: "SerializationException", Message: err.Error()}
			}
			if q.Cluster != "" && !a.ecs.clusters[clusterName(q.Cluster)] {
				return nil, &apiError{Code: "ClusterNotFoundException", Message: "Cluster not found."}
			}
			return operation(a, q)
		}
	}
	return operations
}

func (a *AWS) describeServices(q ecsRequest) (any, error) {
	list, failures := []any{}, []any{}
	for _, wanted := range q.Services {
		s := a.findService(q.Cluster, wanted)
		if s == nil {
			failures = append(failures, map[string]any{"arn": wanted, "reason": "MISSING"})
			continue
		}
		list = append(list, a.describeService(s))
	}
	return map[string]any{"services": list, "failures": failures}, nil
}

func (a *AWS) findService(cluster, nameOrARN string) *service {
	for _, s := range slices.Backward(a.ecs.services) {
		if s.arn == nameOrARN || s.name == nameOrARN && s.cluster == clusterName(cluster) {
			return s
		}
	}
	return nil
}

func (a *AWS) describeService(s *service) map[string]any {
	running, pending := a.count(s, nil)
	deployments := []any{}
	for i, d := range s.deployments {
		status := "PRIMARY"
		if i > 0 {
			status = "ACTIVE"
		}
		r, p := a.count(s, d)
		desired := s.desired
		if i > 0 {
			desired = 0
		}
		deployments = append(deployments, map[string]any{
			"id": d.id, "status": status, "taskDefinition": d.definition.arn, "desiredCount": desired, "runningCount": r, "pendingCount": p,
			"failedTasks": d.failed, "rolloutState": d.state, "rolloutStateReason": d.reason,
			"createdAt": epochSeconds(d.created), "updatedAt": epochSeconds(d.created),
		})
	}
	events := []any{}
	for _, e := range s.events {
		events = append(events, map[string]any{"id": e.id, "createdAt": epochSeconds(e.at), "message": e.message})
	}
	return map[string]any{
		"serviceArn": s.arn, "serviceName": s.name, "clusterArn": a.arn("ecs", "cluster/"+s.cluster), "status": s.status,
		"desiredCount": s.desired, "runningCount": running, "pendingCount": pending, "taskDefinition": s.deployments[0].definition.arn,
		"deployments": deployments, "events": events, "createdAt": epochSeconds(s.created),
	}
}

func (a *AWS) count(s *service, d *deployment) (running, pending int) {
	for _, k := range a.ecs.tasks {
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

func (a *AWS) listServices(q ecsRequest) (any, error) {
	arns := []string{}
	for _, s := range a.ecs.services {
		if s.cluster == clusterName(q.Cluster) && s.status != "INACTIVE" {
			arns = append(arns, s.arn)
		}
	}
	part, next := page(a, arns, q.NextToken, 10)
	return withToken(map[string]any{"serviceArns": part}, next), nil
}

func (a *AWS) listTasks(q ecsRequest) (any, error) {
	arns := []string{}
	for _, k := range a.ecs.tasks {
		stopped := k.status == "STOPPED" || k.leaving
		if k.service.cluster != clusterName(q.Cluster) || q.ServiceName != "" && k.service.name != q.ServiceName || stopped != (q.DesiredStatus == "STOPPED") {
			continue
		}
		arns = append(arns, k.arn)
	}
	part, next := page(a, arns, q.NextToken, 100)
	return withToken(map[string]any{"taskArns": part}, next), nil
}

func (a *AWS) describeTasks(q ecsRequest) (any, error) {
	list := []any{}
	for _, k := range a.ecs.tasks {
		if slices.ContainsFunc(q.Tasks, func(wanted string) bool { return wanted == k.arn || wanted == k.id }) {
			list = append(list, describeTask(k))
		}
	}
	return map[string]any{"tasks": list, "failures": []any{}}, nil
}

func describeTask(k *task) map[string]any {
	desired := "RUNNING"
	if k.leaving {
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
		"taskArn": k.arn, "taskDefinitionArn": k.deployment.definition.arn, "lastStatus": k.status, "desiredStatus": desired,
		"startedBy": k.deployment.id, "group": "service:" + k.service.name, "containers": containers, "createdAt": epochSeconds(k.created),
	}
	for name, at := range map[string]time.Time{"pullStartedAt": k.pulling, "pullStoppedAt": k.pulled, "startedAt": k.started, "stoppedAt": k.stopped} {
		if !at.IsZero() {
			described[name] = epochSeconds(at)
		}
	}
	if k.why != "" {
		described["stoppedReason"], described["stopCode"] = k.why, k.code
	}
	return described
}

func (a *AWS) describeTaskDefinition(q ecsRequest) (any, error) {
	for arn, d := range a.ecs.definitions {
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
	return nil, &apiError{Code: "ClientException", Message: "Unable to describe task definition."}
}

func (a *AWS) listClusters(q ecsRequest) (any, error) {
	arns := []string{}
	for _, name := range slices.Sorted(maps.Keys(a.ecs.clusters)) {
		arns = append(arns, a.arn("ecs", "cluster/"+name))
	}
	part, next := page(a, arns, q.NextToken, 100)
	return withToken(map[string]any{"clusterArns": part}, next), nil
}
