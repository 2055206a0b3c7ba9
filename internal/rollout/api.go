package rollout

import (
	"time"
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
	replacedWithin = 5 * time.Minute
)

// steady returns for how long the URL must answer without an error, so that no task that is gone is
// asked any more.
func steady(found workloads, seen Seen, want Want) time.Duration {
	if want.isNew || want.Token || len(found.apis) == 0 || len(found.discovery) == 0 {
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
