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

	"pr-stack/internal/docker"
)

// app is the program to deploy and how an image of it comes to be.
type app struct {
	workspace string // what actions/checkout would have left
	binary    string
	build     bool // by the action, with Docker
	account   *account
}

// prepare compiles the app and decides whether the action builds its image. The processes in images run on this machine
// directly, so images for Linux can be run on Linux alone.
func prepare(ctx context.Context, out io.Writer, root, dir string, a *account) (app, error) {
	source := filepath.Join(root, "testdata", "hello-world-app")
	workspace := filepath.Join(dir, "workspace")
	if err := os.CopyFS(workspace, os.DirFS(source)); err != nil {
		return app{}, err
	}
	binary := filepath.Join(workspace, "hello-world-app")
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, ".")
	compile.Dir = source
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := compile.CombinedOutput(); err != nil {
		return app{}, fmt.Errorf("compile the app: %w\n%s", err, bytes.TrimSpace(output))
	}

	prepared := app{workspace: workspace, binary: binary, account: a}
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

// inputs are those of the step that deploys the commit.
func (a app) inputs(repository, commit string) (map[string]string, error) {
	if a.build {
		return map[string]string{"INPUT_BUILD-ARGS": "COMMIT=" + commit[:12]}, nil
	}
	ref, err := a.account.prepareImage(a.binary, repository, commit)
	return map[string]string{"INPUT_IMAGE": ref}, err
}
