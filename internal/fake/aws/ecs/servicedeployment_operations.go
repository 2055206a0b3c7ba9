package ecs

import (
	"fmt"
	"slices"
	"time"

	"pr-stack/internal/fake/aws/internal/wire"
)

// deploymentRequest is what calls about service deployments are asked, and UpdateService.
type deploymentRequest struct {
	Service               string
	Status                []string
	ServiceDeploymentArns []string
	ServiceDeploymentArn  string
	HookID                string
	Action                string
	StopType              string
	DesiredCount          *int
}

// describeRevision describes a deployment of a service with the strategy CANARY, as DescribeServices
// does. "The rolloutState of a service is only returned for services that use the rolling update (ECS)
// deployment type" (API reference, Deployment).
func describeRevision(s *service, d *deployment, status string, running, pending int) map[string]any {
	desired := s.desired
	if d.waiting || d.ending {
		desired = 0
	}
	return map[string]any{
		"id": d.id, "status": status, "taskDefinition": d.definition.arn, "desiredCount": desired, "runningCount": running,
		"pendingCount": pending, "failedTasks": d.failed,
		"createdAt": wire.EpochSeconds(d.created), "updatedAt": wire.EpochSeconds(d.created),
	}
}

// updateCount changes how many tasks a service runs. "This parameter doesn't trigger a new service
// deployment" (API reference, UpdateService). All other changes are CloudFormation's here.
func (e *ECS) updateCount(q request) (any, error) {
	s := e.findService(q.Cluster, q.Service)
	switch {
	case s == nil:
		return nil, &wire.APIError{Code: "ServiceNotFoundException", Message: "Service not found."}
	case s.status != "ACTIVE":
		return nil, &wire.APIError{Code: "ServiceNotActiveException", Message: "Service was not ACTIVE."}
	case q.DesiredCount == nil || q.TaskDefinition != "":
		return nil, &wire.APIError{Code: "UnsupportedFeatureException", Message: "Only desiredCount can be updated here."}
	}
	s.desired = *q.DesiredCount
	e.account.After(time.Second, func() { e.reconcile(s) })
	return map[string]any{"service": e.describeService(s)}, nil
}

func (e *ECS) listServiceDeployments(q request) (any, error) {
	s := e.findService(q.Cluster, q.Service)
	if s == nil {
		return nil, &wire.APIError{Code: "ServiceNotFoundException", Message: "Service not found."}
	}
	list := []any{}
	for _, d := range s.shifts {
		if len(q.Status) > 0 && !slices.Contains(q.Status, d.status) {
			continue
		}
		brief := map[string]any{
			"serviceDeploymentArn": d.arn, "serviceArn": s.arn, "clusterArn": e.account.ARN("ecs", "cluster/"+s.cluster),
			"status": d.status, "targetServiceRevisionArn": d.target.revision,
		}
		d.describeEnd(brief)
		list = append(list, brief)
	}
	part, next := wire.Page(list, q.NextToken, e.account.PageSize(20))
	return wire.WithToken(map[string]any{"serviceDeployments": part}, next), nil
}

// describeEnd adds the moments of a deployment, and why it has its status.
func (d *serviceDeployment) describeEnd(described map[string]any) {
	for name, at := range map[string]time.Time{"createdAt": d.created, "startedAt": d.started, "finishedAt": d.finished} {
		if !at.IsZero() {
			described[name] = wire.EpochSeconds(at)
		}
	}
	if d.reason != "" {
		described["statusReason"] = d.reason
	}
}

func (e *ECS) describeServiceDeployments(q request) (any, error) {
	list, failures := []any{}, []any{}
	for _, arn := range q.ServiceDeploymentArns {
		if d := e.serviceDeployment(arn); d != nil {
			list = append(list, e.describeServiceDeployment(d))
		} else {
			failures = append(failures, map[string]any{"arn": arn, "reason": "MISSING"})
		}
	}
	return map[string]any{"serviceDeployments": list, "failures": failures}, nil
}

func (e *ECS) describeServiceDeployment(d *serviceDeployment) map[string]any {
	revision := func(r *deployment) map[string]any {
		running, pending := e.count(d.service, r)
		return map[string]any{
			"arn": r.revision, "requestedTaskCount": d.service.desired, "runningTaskCount": running, "pendingTaskCount": pending,
			"requestedProductionTrafficWeight": r.weight, "requestedTestTrafficWeight": 0,
		}
	}
	sources, hooks := []any{}, []any{}
	if d.source != nil {
		sources = append(sources, revision(d.source))
	}
	for _, h := range d.hooks {
		hooks = append(hooks, map[string]any{
			"hookId": h.id, "targetType": "PAUSE", "status": h.status, "expiresAt": wire.EpochSeconds(h.expires), "timeoutAction": h.action,
		})
	}
	described := map[string]any{
		"serviceDeploymentArn": d.arn, "serviceArn": d.service.arn, "clusterArn": e.account.ARN("ecs", "cluster/"+d.service.cluster),
		"status": d.status, "sourceServiceRevisions": sources, "targetServiceRevision": revision(d.target),
		"lifecycleHookDetails": hooks, "updatedAt": wire.EpochSeconds(d.updated),
	}
	if d.status != "PENDING" {
		described["lifecycleStage"] = d.stage().name
	}
	if d.rollback != nil {
		rollback := map[string]any{"reason": d.rollback["reason"], "serviceRevisionArn": d.rollback["serviceRevisionArn"]}
		if at, ok := d.rollback["startedAt"].(time.Time); ok {
			rollback["startedAt"] = wire.EpochSeconds(at)
		}
		described["rollback"] = rollback
	}
	d.describeEnd(described)
	return described
}

func (e *ECS) serviceDeployment(arn string) *serviceDeployment {
	for _, s := range e.services {
		for _, d := range s.shifts {
			if d.arn == arn {
				return d
			}
		}
	}
	return nil
}

var noServiceDeployment = &wire.APIError{Code: "ServiceDeploymentNotFoundException", Message: "Service deployment not found."}

// continueServiceDeployment acts on a pause. "The deployment must be in the IN_PROGRESS state", and "the
// pause hook must be in AWAITING_ACTION status" (ECS developer guide, "Continuing service deployments").
// Of the errors of this operation InvalidParameterException is the one that fits; its words are inferred.
func (e *ECS) continueServiceDeployment(q request) (any, error) {
	d := e.serviceDeployment(q.ServiceDeploymentArn)
	if d == nil {
		return nil, noServiceDeployment
	}
	invalid := func(format string, args ...any) (any, error) {
		return nil, &wire.APIError{Code: "InvalidParameterException", Message: fmt.Sprintf(format, args...)}
	}
	if !d.is("IN_PROGRESS") {
		return invalid("The service deployment is in the %s state. It must be IN_PROGRESS.", d.status)
	}
	i := slices.IndexFunc(d.hooks, func(h *hook) bool { return h.id == q.HookID })
	switch {
	case i < 0:
		return invalid("The lifecycle hook %s was not found in the service deployment.", q.HookID)
	case d.hooks[i].status != "AWAITING_ACTION":
		return invalid("The lifecycle hook %s is in the %s status. It must be AWAITING_ACTION.", q.HookID, d.hooks[i].status)
	case q.Action == "ROLLBACK":
		e.act(d, d.hooks[i], "ROLLBACK", "FAILED")
	default:
		e.act(d, d.hooks[i], "CONTINUE", "SUCCEEDED")
	}
	return map[string]any{"serviceDeploymentArn": d.arn}, nil
}

// stopServiceDeployment rolls a deployment back. One that is being rolled back "continues the rollback
// operation" (ECS developer guide, "Stopping Amazon ECS service deployments"). Of one that is over,
// ConflictException is inferred, and so are its words.
func (e *ECS) stopServiceDeployment(q request) (any, error) {
	d := e.serviceDeployment(q.ServiceDeploymentArn)
	switch {
	case d == nil:
		return nil, noServiceDeployment
	case q.StopType == "ABORT":
		return nil, &wire.APIError{Code: "InvalidParameterException", Message: "The valid values of stopType are ROLLBACK."}
	case d.over():
		return nil, &wire.APIError{Code: "ConflictException", Message: "The service deployment is in the " + d.status + " state and can't be stopped."}
	}
	if d.is("PENDING") || d.is("IN_PROGRESS") {
		d.status = "ROLLBACK_REQUESTED"
		e.account.After(stageDelay, func() {
			if d.is("ROLLBACK_REQUESTED") {
				e.rollBack(d, "it was stopped by StopServiceDeployment")
			}
		})
	}
	return map[string]any{"serviceDeploymentArn": d.arn}, nil
}
