package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/ecs"
	"pr-stack/internal/elb"
	"pr-stack/internal/poll"
	"pr-stack/internal/probe"
	"pr-stack/internal/report"
)

// errNotReady is why readiness is given up; what was missing stands before it.
var errNotReady = errors.New("not ready in time")

// errUndone tells that the stack is not any more what this run made of it.
var errUndone = errors.New("another run has changed the stack since")

// ready returns once the promise of a green job holds: the services' deployments are complete and run the image, their
// tasks are healthy behind the load balancer, and the URL answers. CloudFormation's word that a stack is complete is
// not enough for any of the three. It returns the digest that runs, if that was not known before.
func (e *edges) ready(ctx context.Context, stackID string, want image, url string) (digest string, err error) {
	limit := e.config.HealthCheckTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w: %s were given", errNotReady, report.Duration(limit)))
	defer cancel()

	for range passes {
		began := time.Now()
		if digest, err = e.holds(ctx, stackID, want, url); err != nil {
			return "", late(err)
		}
		if time.Since(began) < staleAfter {
			break
		}
	}
	if url == "" {
		e.log.warning("no URL", "the stack has neither an output Url nor LoadBalancerDNSName, so nothing was asked whether it answers")
	}
	return digest, nil
}

const (
	// staleAfter is how long what was seen of an environment counts. Another run may have changed it since.
	staleAfter = 10 * time.Second
	// passes is how often everything is looked at, if it takes so long to come true that the first of it may be so no more.
	passes = 3
)

// holds returns once it has seen all three to hold, one after the other.
func (e *edges) holds(ctx context.Context, stackID string, want image, url string) (digest string, err error) {
	services, groups, err := e.parts(ctx, stackID)
	if err != nil {
		return "", err
	}
	running, err := e.running(ctx, stackID, services, want)
	if err != nil {
		return "", err
	}
	for _, group := range groups {
		if err := group.Wait(ctx, running.Addresses); err != nil {
			return "", err
		}
	}
	if url != "" {
		if err := probe.Wait(ctx, e.http, address(url, e.config.HealthCheckPath)); err != nil {
			return "", err
		}
	}
	return running.Digest(want.ref), nil
}

// parts finds what in the stack, and in those nested in it, has a readiness of its own.
func (e *edges) parts(ctx context.Context, stackID string) (services []part, groups []elb.TargetGroup, err error) {
	for r, err := range e.stacks.Resources(ctx, stackID) {
		if err != nil {
			return nil, nil, err
		}
		switch r.Type {
		case "AWS::CloudFormation::Stack":
			innerServices, innerGroups, err := e.parts(ctx, r.PhysicalID)
			if err != nil {
				return nil, nil, err
			}
			services, groups = append(services, innerServices...), append(groups, innerGroups...)
		case "AWS::ECS::Service":
			services = append(services, part{Resource: r, service: ecs.Service{API: e.ecs, ARN: r.PhysicalID}})
		case "AWS::ElasticLoadBalancingV2::TargetGroup":
			groups = append(groups, elb.TargetGroup{API: e.elb, ARN: r.PhysicalID})
		}
	}
	return services, groups, nil
}

// running waits until all services are complete and one of them runs the image. A service can be complete before ECS
// shows its new deployment, so a complete one that runs something else is asked again.
func (e *edges) running(ctx context.Context, stackID string, services []part, want image) (ecs.Running, error) {
	if len(services) == 0 {
		return ecs.Running{}, nil // a template of the user's without ECS; the URL has to prove it all
	}
	asked := false
	for round := range poll.Every(ctx, 2*time.Second) {
		all, err := e.complete(ctx, services)
		if err != nil && ctx.Err() != nil && asked {
			break // the time ran out while asking again: what was missing before still is
		}
		if err != nil {
			return all, err
		}
		if all.Runs(want.ref, want.digest) {
			return all, nil
		}
		asked = true
		if round > 0 && round%3 == 0 && e.undone(ctx, stackID, nil) {
			return all, errUndone
		}
	}
	return ecs.Running{}, fmt.Errorf("no running task is of image %s: %w", want.ref, context.Cause(ctx))
}

// complete waits until every service's deployment is, and returns what they all run.
func (e *edges) complete(ctx context.Context, services []part) (ecs.Running, error) {
	var all ecs.Running
	for _, p := range services {
		running, err := p.service.Wait(ctx)
		if err != nil {
			return all, err
		}
		all.Containers = append(all.Containers, running.Containers...)
		all.Addresses = append(all.Addresses, running.Addresses...)
		e.times.task(p.LogicalID, running.Starts)
	}
	return all, nil
}

// late adds what to do about a service that is not ready in time.
func late(err error) error {
	if !errors.Is(err, errNotReady) {
		return err
	}
	return &explained{
		message: err.Error(),
		hint:    "see the container's log; if the service is only slow to start raise health-check-timeout, and check health-check-path and the parameter ContainerPort",
		cause:   err,
	}
}

// address joins the path to a URL, which may have one of its own.
func address(url, path string) string {
	return strings.TrimRight(url, "/") + "/" + strings.TrimLeft(path, "/")
}
