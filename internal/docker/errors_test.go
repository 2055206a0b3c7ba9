package docker

import (
	"errors"
	"strings"
	"testing"

	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/solver/pb"
)

// The texts are from BuildKit in Docker 20.10 (which does not report the line) and in moby
// v2.0.0-beta.24.
func TestExplain(t *testing.T) {
	const dockerfile = "FROM a AS one\nCOPY missing.txt /\nRUN go  test \\\n  ./...\n"
	at := func(line int32, text string) error {
		return errdefs.WithSource(errors.New(text), &errdefs.Source{
			Info:   &pb.SourceInfo{Filename: "Dockerfile", Data: []byte(dockerfile)},
			Ranges: []*pb.Range{{Start: &pb.Position{Line: line}, End: &pb.Position{Line: line}}},
		})
	}
	for _, c := range []struct {
		name       string
		err        error
		step       string
		want, hint string
	}{
		{
			name: "a command that fails",
			err: at(3, `failed to solve: process "/bin/sh -c go  test ./..." `+
				`did not complete successfully: exit code: 1`),
			want: `build: web.Dockerfile:3: RUN go test \: exit code: 1`,
		},
		{
			name: "a command that fails on an old daemon",
			err:  errors.New(`failed to solve: executor failed running [/bin/sh -c go  test ./...]: exit code: 1`),
			step: "[3/3] RUN go test ./...",
			want: `build: [3/3] RUN go test ./...: exit code: 1`,
		},
		{
			name: "a missing file",
			err: at(2, `failed to solve: failed to compute cache key: `+
				`failed to calculate checksum of ref x1y::z2 "/missing.txt": not found`),
			want: `build: web.Dockerfile:2: COPY missing.txt /: "/missing.txt": not found`,
			hint: "looked up in context /src",
		},
		{
			name: "a missing file on an old daemon",
			err:  errors.New(`failed to solve: failed to compute cache key: "/missing.txt" not found: not found`),
			step: "[2/3] COPY missing.txt /",
			want: `build: [2/3] COPY missing.txt /: "/missing.txt" not found`,
			hint: "looked up in context /src",
		},
		{
			name: "a target that does not exist",
			err:  errors.New(`failed to solve: target stage "on" could not be found (did you mean one?)`),
			want: `build: target stage "on" could not be found (did you mean one?)`,
			hint: "set target to one of the stages of /src/web.Dockerfile",
		},
		{
			name: "a base image that is not public",
			err: at(1, "failed to solve: a: failed to resolve source metadata for docker.io/library/a:latest: "+
				"pull access denied, repository does not exist or may require authorization"),
			want: "build: web.Dockerfile:1: FROM a AS one: " +
				"pull access denied, repository does not exist or may require authorization",
			hint: "must be public",
		},
		{
			name: "a base image on an old daemon",
			err: errors.New(`failed to solve: failed to solve with frontend dockerfile.v0: ` +
				`failed to create LLB definition: failed to do request: Head "https://a/": no such host`),
			step: "[internal] load metadata for docker.io/library/a:latest",
			want: `build: load metadata for docker.io/library/a:latest: Head "https://a/": no such host`,
		},
		{
			name: "Docker Hub's limit",
			err: at(1, "failed to solve: a: failed to resolve source metadata for docker.io/library/a:latest: "+
				"toomanyrequests: You have reached your pull rate limit."),
			want: "build: web.Dockerfile:1: FROM a AS one: toomanyrequests: You have reached your pull rate limit.",
			hint: "public.ecr.aws",
		},
		{
			name: "a push that is not allowed",
			err: errors.New("failed to solve: failed to push host.example/app:t1: " +
				"failed to authorize: no basic auth credentials"),
			step: "exporting to image",
			want: "push host.example/app:t1: no basic auth credentials",
			hint: "credentials",
		},
		{
			name: "a foreign platform",
			err: at(3, `failed to solve: process "/bin/sh -c go  test ./..." `+
				`did not complete successfully: exec format error`),
			want: `build: web.Dockerfile:3: RUN go test \: exec format error`,
			hint: "emulator",
		},
		{
			name: "a secret in the reason",
			err:  errors.New("failed to solve: hunter22 is no password"),
			want: "build: *** is no password",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := newProgress(nil, redactor("hunter22"))
			log.failed = c.step
			err := Build{Context: "/src", File: "/src/web.Dockerfile"}.explain(c.err, "host.example/app:t1", log)
			if err.Error() != c.want || !strings.Contains(hintOf(err), c.hint) || c.hint == "" && hintOf(err) != "" {
				t.Errorf("explain = %v, hint %q\nwant %s, hint %s", err, hintOf(err), c.want, c.hint)
			}
			if !errors.Is(err, c.err) {
				t.Errorf("explain = %v, which does not wrap its cause %v", err, c.err)
			}
		})
	}
}
