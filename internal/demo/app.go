package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/docker"
)

// app is the program to deploy, and how its image is made.
type app struct {
	source string // folder of its code
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
	prepared := app{source: source, binary: filepath.Join(e.Workspace, "hello-world-app"), env: e}
	if err := prepared.compile(ctx); err != nil {
		return app{}, err
	}

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

// compile compiles the app. Of the arguments for Go, -overlay replaces code.
func (a app) compile(ctx context.Context, args ...string) error {
	compile := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-trimpath", "-o", a.binary}, args, []string{"."})...)
	compile.Dir = a.source
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := compile.CombinedOutput(); err != nil {
		return fmt.Errorf("compile the app: %w\n%s", err, bytes.TrimSpace(output))
	}
	return nil
}

// withoutDocker is a Docker daemon for the action that makes the same image by other means.
func (a app) withoutDocker(_ context.Context, b actiontest.Build, tag string) (digest string, err error) {
	_, name, _ := strings.Cut(tag, "/")
	repository, tag, _ := strings.Cut(name, ":")
	return prepareImage(a.env.AWS, filepath.Join(b.Context, filepath.Base(a.binary)), repository, tag, b.Args["COMMIT"])
}

// replaceCode compiles the app with a change of its code, or without one if old is "".
func (a app) replaceCode(ctx context.Context, old, changed string) error {
	if old == "" {
		return a.compile(ctx)
	}
	file := filepath.Join(a.source, "main.go")
	code, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Contains(code, []byte(old)) {
		return fmt.Errorf("%s has no %s", file, old)
	}
	dir, err := os.MkdirTemp("", "changed-code-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	replacement, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{file: replacement}})
	if err != nil {
		return err
	}
	err = errors.Join(
		os.WriteFile(replacement, bytes.ReplaceAll(code, []byte(old), []byte(changed)), 0o600),
		os.WriteFile(overlay, list, 0o600),
	)
	if err != nil {
		return err
	}
	return a.compile(ctx, "-overlay="+overlay)
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
	digest, err := prepareImage(a.env.AWS, a.binary, base["RepositoryName"], "pr-7-"+commit[:12], commit[:12])
	return []string{"INPUT_IMAGE=" + a.env.AWS.RegistryHost() + "/" + base["RepositoryName"] + "@" + digest}, err
}
