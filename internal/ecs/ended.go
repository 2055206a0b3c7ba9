package ecs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ended returns how a task ended of which one container has the command. ECS stops the other containers
// with it, and how they end does not matter.
func ended(task types.Task, container string) Ended {
	e := Ended{Crash: toCrash(task), Stopped: aws.ToTime(task.StoppedAt), Succeeded: succeeded(task, container), Start: start(task)}
	for _, c := range task.Containers {
		if aws.ToString(c.Name) == container && severity(c) > 0 {
			e.Container, e.ExitCode, e.Detail = container, c.ExitCode, aws.ToString(c.Reason)
		}
	}
	return e
}

// HasImage reports whether the task definition has a container of the task's image.
func (t OneOff) HasImage(ctx context.Context) (bool, error) {
	p, err := t.place(ctx)
	return p.hasImage, err
}

func succeeded(task types.Task, container string) bool {
	return slices.ContainsFunc(task.Containers, func(c types.Container) bool {
		return aws.ToString(c.Name) == container && c.ExitCode != nil && *c.ExitCode == 0
	})
}

func start(task types.Task) Start {
	return Start{
		Created: aws.ToTime(task.CreatedAt), PullStarted: aws.ToTime(task.PullStartedAt),
		PullStopped: aws.ToTime(task.PullStoppedAt), Started: aws.ToTime(task.StartedAt),
	}
}

// short returns the end of an ARN: the ID of a task, or family and revision of a task definition.
func short(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
