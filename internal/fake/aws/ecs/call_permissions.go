package ecs

import (
	"cmp"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
)

// CallPermissions returns what the API's operations need. Where the reference lists no type of resource
// that a call names, it is on *, and the cluster is a condition: "ecs:ListTasks on resource: *"
// (construct-hub#1207).
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
func (e *ECS) CallPermissions() permission.Table {
	onEverything := func(action string) func(request) []account.Access {
		return func(request) []account.Access { return []account.Access{{Action: "ecs:" + action, Resource: "*"}} }
	}
	inCluster := func(action string) func(request) []account.Access {
		return func(q request) []account.Access {
			return []account.Access{{Action: "ecs:" + action, Resource: "*", Context: e.inCluster(q)}}
		}
	}
	return permission.Decoded(map[string]func(request) []account.Access{
		"DescribeServices": func(q request) []account.Access {
			return e.onEach("DescribeServices", "service", q, q.Services)
		},
		"DescribeTasks":          func(q request) []account.Access { return e.onEach("DescribeTasks", "task", q, q.Tasks) },
		"ListServices":           inCluster("ListServices"),
		"ListTasks":              inCluster("ListTasks"),
		"DescribeTaskDefinition": onEverything("DescribeTaskDefinition"),
		"ListClusters":           onEverything("ListClusters"),
		"RunTask":                e.runTaskNeeds,
		"UpdateService": func(q request) []account.Access {
			return e.onEach("UpdateService", "service", q, []string{q.Service})
		},
		"ListServiceDeployments": func(q request) []account.Access {
			return e.onEach("ListServiceDeployments", "service", q, []string{q.Service})
		},
		"DescribeServiceDeployments": func(q request) []account.Access {
			return onDeployments("DescribeServiceDeployments", q.ServiceDeploymentArns...)
		},
		"ContinueServiceDeployment": func(q request) []account.Access {
			return onDeployments("ContinueServiceDeployment", q.ServiceDeploymentArn)
		},
		"StopServiceDeployment": func(q request) []account.Access {
			return onDeployments("StopServiceDeployment", q.ServiceDeploymentArn)
		},
		"StopTask": func(q request) []account.Access { return e.onEach("StopTask", "task", q, []string{q.Task}) },
	})
}

func (e *ECS) inCluster(q request) map[string]string {
	return map[string]string{"ecs:cluster": e.account.ARN("ecs", "cluster/"+clusterOf(q))}
}

// onDeployments is an action on service deployments, which have no tags.
func onDeployments(action string, arns ...string) (list []account.Access) {
	for _, arn := range arns {
		list = append(list, account.Access{Action: "ecs:" + action, Resource: arn})
	}
	return list
}

func clusterOf(q request) string { return clusterName(cmp.Or(q.Cluster, "default")) }

// onEach is an action on each service or task of a list of ARNs and names.
func (e *ECS) onEach(action, kind string, q request, names []string) (list []account.Access) {
	for _, arn := range names {
		if !strings.HasPrefix(arn, "arn:") {
			arn = e.account.ARN("ecs", kind+"/"+clusterOf(q)+"/"+arn)
		}
		a := account.Access{Action: "ecs:" + action, Resource: arn, Context: e.inCluster(q)}
		list = append(list, a.WithResourceTags(e.account.Tags(arn)))
	}
	return list
}
