package ecs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	fakeaws "pr-stack/internal/fake/aws"
)

// onTask runs a test with a one-off task beside the worker, whose container behaves so.
func onTask(t *testing.T, container fakeaws.Container, test func(t *testing.T, k OneOff)) {
	t.Helper()
	options := fakeaws.Options{Task: func(string, []string, map[string]string) fakeaws.Container { return container }}
	onWorker(t, options, func(t *testing.T, s Service, _, _ string) {
		if _, err := s.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, OneOff{Service: s, Name: "migrate", Command: []string{"a", "b"}, StartedBy: "me"})
	})
}

func TestRun_returns_how_the_command_ended(t *testing.T) {
	for code, want := range map[int]bool{0: true, 3: false} {
		onTask(t, fakeaws.Container{Exit: &fakeaws.Exit{After: time.Minute, Code: code}}, func(t *testing.T, k OneOff) {
			began := time.Now()
			got, err := k.Run(t.Context())
			if err != nil || got.Succeeded != want || got.ExitCode == nil || int(*got.ExitCode) != code || got.Container != "app" {
				t.Errorf("Run = %+v, %v, want exit code %d", got, err, code)
			}
			if got.Start.Created.Before(began) || got.Stopped.Sub(got.Start.Started) != time.Minute {
				t.Errorf("Run = %+v, want the moments of the task", got)
			}
			if done, err := k.WasRun(t.Context()); err != nil || done != want {
				t.Errorf("WasRun = %t, %v, want %t", done, err, want)
			}
			k.Name = "seed"
			if done, err := k.WasRun(t.Context()); err != nil || done {
				t.Errorf("WasRun = %t, %v for a task of another name", done, err)
			}
		})
	}
}

// When its time is up, the task goes on, and is known by its ARN.
func TestRun_that_is_cut_off(t *testing.T) {
	onTask(t, fakeaws.Container{}, func(t *testing.T, k OneOff) {
		cause := errors.New("too late")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, cause)
		defer cancel()
		got, err := k.Run(ctx)
		if !errors.Is(err, cause) || got.TaskARN == "" {
			t.Fatalf("Run = %+v, %v, want the task's ARN", got, err)
		}
		stopped, err := k.Stopped(t.Context(), got.TaskARN, "enough")
		if err != nil || stopped.Succeeded || stopped.Reason != "enough" {
			t.Errorf("Stopped = %+v, %v", stopped, err)
		}
		if err := k.StopAll(t.Context(), "enough"); err != nil { // there is none
			t.Errorf("StopAll = %v", err)
		}
	})
}

func TestRun_without_a_place(t *testing.T) {
	onTask(t, fakeaws.Container{Unplaced: "RESOURCE:ENI"}, func(t *testing.T, k OneOff) {
		began := time.Now()
		_, err := k.Run(t.Context())
		if unplaced, ok := errors.AsType[*UnplacedError](err); !ok || unplaced.Reason != "RESOURCE:ENI" {
			t.Errorf("Run = %v, want ECS's reason", err)
		}
		if took := time.Since(began); took < placementTimeout {
			t.Errorf("Run gave up after %v", took)
		}
	})
}

// ECS stops the other containers with the one that has the command. How they end does not matter.
func TestEnded_is_about_the_container_with_the_command(t *testing.T) {
	task := types.Task{Containers: []types.Container{
		{Name: aws.String("proxy"), ExitCode: aws.Int32(143)},
		{Name: aws.String("app"), ExitCode: aws.Int32(0)},
	}}
	if got := ended(task, "app"); !got.Succeeded || got.Container != "app" {
		t.Errorf("ended = %+v, want a success of app", got)
	}
	task.Containers[1].ExitCode = aws.Int32(2)
	if got := ended(task, "app"); got.Succeeded || got.Container != "app" || *got.ExitCode != 2 {
		t.Errorf("ended = %+v, want exit code 2 of app", got)
	}
	// The proxy ended first, and the command was never heard of.
	task.Containers[1].ExitCode = nil
	if got := ended(task, "app"); got.Succeeded || got.Container != "proxy" {
		t.Errorf("ended = %+v, want the proxy", got)
	}
}
