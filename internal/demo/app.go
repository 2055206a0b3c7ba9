package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/docker"
)

// app is the program to deploy, and how its image is made.
type app struct {
	binary string
	build  bool // the action builds the image, with Docker
	env    *actiontest.Env
}

// prepare compiles the app and decides whether the action builds its image. The programs in images
// run directly on this machine, so images for Linux can run only on Linux.
func prepare(ctx context.Context, out io.Writer, root string, e *actiontest.Env) (app, error) {
	source := filepath.Join(root, "testdata", "hello-world-app")
	if err := os.Remove(filepath.Join(e.Workspace, "Dockerfile")); err != nil { // the app has its own
		return app{}, err
	}
	if err := os.CopyFS(e.Workspace, os.DirFS(source)); err != nil {
		return app{}, err
	}
	binary := filepath.Join(e.Workspace, "hello-world-app")
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, ".")
	compile.Dir = source
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := compile.CombinedOutput(); err != nil {
		return app{}, fmt.Errorf("compile the app: %w\n%s", err, bytes.TrimSpace(output))
	}

	prepared := app{binary: binary, env: e}
	if runtime.GOOS != "linux" {
		fmt.Fprintln(out, "Images that Docker builds cannot be run here without Linux: the image is prepared without Docker.")
		return prepared, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	daemon, err := docker.Connect(ctx, os.Getenv("DOCKER_HOST"))
	if err != nil {
		fmt.Fprintln(out, "There is no Docker daemon here: the image is prepared without one.")
		return prepared, nil
	}
	daemon.Close()
	fmt.Fprintln(out, "A Docker daemon is here: the action builds the image with it.")
	prepared.build = true
	return prepared, nil
}

// inputs returns the inputs of the step that deploys the commit. If the action does not build the
// image, inputs prepares and pushes it.
func (a app) inputs(ctx context.Context, commit string) ([]string, error) {
	if a.build {
		return []string{"INPUT_BUILD-ARGS=COMMIT=" + commit[:12]}, nil
	}
	base, err := a.env.BaseOutputs(ctx)
	if err != nil {
		return nil, err
	}
	ref, err := prepareImage(a.env.AWS, a.binary, base["RepositoryName"], commit)
	return []string{"INPUT_IMAGE=" + ref}, err
}
