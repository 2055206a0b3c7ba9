package rollout

import (
	"context"
	"strings"
	"time"

	"pr-stack/internal/apigateway"
	"pr-stack/internal/cfn"
	"pr-stack/internal/cloudmap"
	"pr-stack/internal/diagnosis"
	"pr-stack/internal/ecs"
	"pr-stack/internal/logs"
)

// The types of an HTTP API, and of the service of Cloud Map in which it finds tasks.
const (
	apiType       = "AWS::ApiGatewayV2::Api"
	discoveryType = "AWS::ServiceDiscovery::Service"
)

// An HTTP API asks a task for a while after the task has left Cloud Map, and answers 503
// (https://github.com/aws/containers-roadmap/issues/1639,
// https://github.com/aws-samples/aws-apigw-http-api-private--integrations/issues/2). For how long is
// not documented. Elsewhere, old addresses were seen for 20 to 30 seconds
// (https://github.com/aws/aws-app-mesh-roadmap/issues/151).
const (
	goneTasksAsked = 30 * time.Second
	// replacedWithin is how long after the newest task's start an older one may have left.
	replacedWithin = 2 * time.Minute
)

// steady returns for how long the URL must answer without an error, so that no task that is gone is
// asked any more.
func steady(found workloads, seen Seen, want Want) time.Duration {
	if want.isNew || want.token || len(found.apis) == 0 || len(found.discovery) == 0 {
		return 0
	}
	if newest := seen.newestStart(); !newest.IsZero() && time.Since(newest) > replacedWithin {
		return 0
	}
	return min(goneTasksAsked, want.Timeout/2)
}

// newestStart returns when the newest task began to run; zero if that is not known.
func (s Seen) newestStart() (newest time.Time) {
	for _, starts := range s.Starts {
		for _, start := range starts {
			if start.Started.After(newest) {
				newest = start.Started
			}
		}
	}
	return newest
}

// unavailable returns what is known of an HTTP API that answers 503, or the zero API if the stack has
// none or if it fails in another way.
func (c Clients) unavailable(ctx context.Context, stack cfn.Stack, found workloads, notReady error) (api diagnosis.API) {
	if len(found.apis) == 0 || len(found.discovery) == 0 || !strings.Contains(notReady.Error(), "503 Service Unavailable") {
		return diagnosis.API{}
	}
	if id := stack.Parameters["VpcLinkId"]; id != "" { // of a template of the user's own, it may not be known
		api.Link, _ = apigateway.VPCLink{API: c.APIGateway, ID: id}.Status(ctx)
	}
	for _, id := range found.discovery {
		ports, err := cloudmap.Service{API: c.CloudMap, ID: id}.Ports(ctx)
		api.Listed = err == nil
		api.Tasks += len(ports)
	}
	return api
}

// behindAPI returns what is known of the tasks that an HTTP API asks: the port that it asks, and what one
// of them wrote.
func (c Clients) behindAPI(ctx context.Context, found workloads) (service diagnosis.Service) {
	for _, id := range found.discovery {
		ports, _ := cloudmap.Service{API: c.CloudMap, ID: id}.Ports(ctx)
		for _, port := range ports {
			service.Port = port
		}
	}
	for _, s := range found.services {
		stream, err := ecs.Service{API: c.ECS, ARN: s.PhysicalID}.RunningLog(ctx)
		if err != nil || stream.Name == "" {
			continue
		}
		lines, _ := logs.Stream{API: c.Logs, Group: stream.Group, Name: stream.Name}.Tail(ctx, 50)
		for _, line := range lines {
			service.Last.Log = append(service.Last.Log, c.Log.Clean(line)) // before long lines are cut: see withLog
		}
	}
	return service
}
