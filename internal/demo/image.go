package main

import (
	"archive/tar"
	"bytes"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	fakeaws "pr-stack/internal/fake/aws"
)

// prepareImage builds the image that the app's Dockerfile describes, but without Docker. It pushes
// the image and returns its digest.
func prepareImage(account *fakeaws.AWS, binary, repository, tag, commit string) (string, error) {
	program, err := os.ReadFile(binary)
	if err != nil {
		return "", err
	}
	var layer bytes.Buffer
	archive := tar.NewWriter(&layer)
	if err := archive.WriteHeader(&tar.Header{Name: "hello-world-app", Mode: 0o755, Size: int64(len(program))}); err != nil {
		return "", err
	}
	if _, err := archive.Write(program); err != nil {
		return "", err
	}
	if err := archive.Close(); err != nil {
		return "", err
	}
	image, err := mutate.AppendLayers(empty.Image, static.NewLayer(layer.Bytes(), types.DockerUncompressedLayer))
	if err != nil {
		return "", err
	}
	image, err = mutate.Config(image, v1.Config{
		Entrypoint: []string{"/hello-world-app"},
		Env:        []string{"COMMIT=" + commit},
	})
	if err != nil {
		return "", err
	}
	return account.PushImage(repository, tag, image)
}
