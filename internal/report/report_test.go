package report

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/environment"
	"pr-stack/internal/price"
	"pr-stack/internal/timeline"
)

const (
	commit  = "def5678123456789abcdef0123456789abcdef01"
	earlier = "abc1234123456789abcdef0123456789abcdef01"
	siteURL = "http://hello-world-pr-7-1234567890.eu-north-1.elb.amazonaws.com"
	runURL  = "https://github.com/octo-org/hello-world/actions/runs/42"
	digest  = "sha256:3f9a0c1de2b84f6790a1b2c3d4e5f60718293a4b5c6d7e8f9012a3b4c5d6e7f8"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// run returns a run for pull request 7, at the commit.
func run(ending Ending, status Status) Run {
	return Run{
		Environment: environment.ForPullRequest("hello-world", 7), Repository: "octo-org/hello-world",
		ServerURL: "https://github.com", RunURL: runURL, Region: "eu-north-1", Commit: commit, Version: "1.4.0",
		Ending: ending, Status: status, Took: 5*time.Minute + 20*time.Second,
	}
}

func stack() Stack {
	return Stack{
		Name:    "hello-world-pr-7",
		ID:      "arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-world-pr-7/6f0a",
		Outputs: map[string]string{"Url": siteURL, "LogGroupName": "/pr-stack/hello-world-pr-7"},
		Created: noon,
	}
}

// up returns the result of a first deployment that succeeded.
func up() *Deployment {
	r := run(Up, Created)
	r.Phases = []timeline.Phase{
		{Name: "Build and push the image", Took: 40 * time.Second, Note: "pushed pr-7.def567812345.0123abcd"},
		{Name: "Deploy stack hello-world-pr-7", Took: 4*time.Minute + 32*time.Second, Note: "created"},
		{Name: "Wait until the new code answers", Took: 4 * time.Second},
	}
	r.Bars = firstDeployment()
	return &Deployment{
		Run: r, Stack: stack(), URL: siteURL, ImageDigest: digest,
		Image:      "123456789012.dkr.ecr.eu-north-1.amazonaws.com/hello-world@" + digest,
		Parameters: []string{"HealthCheckPath", "ImageUri", "PublicSubnetIds"},
		Proof:      []string{"The service runs the new image.", "Its target group is healthy.", "The URL answers."},
		Cost:       &price.Estimate{Daily: 1.2},
	}
}

// crashed returns the result of an update whose container does not start.
func crashed() *Deployment {
	d := up()
	d.Ending, d.Status, d.URL, d.Proof = Failed, "", "", nil
	d.StillUp = &Previous{Commit: earlier, URL: siteURL}
	d.Phases[1].Note, d.Phases = "failed", d.Phases[:2]
	d.Bars = d.Bars[:len(d.Bars)-1]
	d.Bars[7].Note = timeline.Failed
	d.Failure = &Failure{
		Summary: "Your container exited with code 1, twice, within seconds of its start.",
		Message: "deploy stack hello-world-pr-7: EcsService (AWS::ECS::Service): 2 tasks of service hello-world-pr-7-EcsService-AbCd " +
			"stopped: Essential container in task exited (exit code 1)",
		Log: []string{
			"> hello-world@1.0.0 start", "> node server.js", "", "node:internal/modules/cjs/loader:1228",
			"  throw err;", "  ^", "", "Error: Cannot find module 'express'", "Require stack:", "- /app/server.js",
			"    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)",
		},
		Hint:     "the last lines of its log are the place to begin: a module is missing from the image",
		NextStep: "stack hello-world-pr-7 is being rolled back to the commit before",
	}
	return d
}

// with applies a change to a result, in place, and returns the result.
func with[R Result](r R, change func(R)) R {
	change(r)
	return r
}

// golden compares got with a file; UPDATE_GOLDEN=1 rewrites the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name + ".md"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}
