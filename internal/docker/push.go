package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/distribution/reference"
	"github.com/moby/moby/api/types/jsonstream"
	engine "github.com/moby/moby/client"
)

// push makes the Engine push an image from its store, and returns the image's digest in the registry.
func (d *Daemon) push(ctx context.Context, tag reference.Named) (string, error) {
	login, err := d.registryAuth(ctx, reference.Domain(tag))
	if err != nil {
		return "", err
	}
	response, err := d.engine.ImagePush(ctx, tag.String(), engine.ImagePushOptions{RegistryAuth: login})
	if err != nil {
		return "", err
	}
	defer response.Close()
	return readDigest(response.JSONMessages(ctx))
}

// readDigest reads the messages of a push to the end. The Engine has sent the status 200 long
// before it knows whether the push succeeds, so a failure is just another message, and so is the
// digest.
func readDigest(messages iter.Seq2[jsonstream.Message, error]) (string, error) {
	var digest string
	for m, err := range messages {
		if err != nil {
			return "", err
		}
		if m.Error != nil {
			return "", errors.New(m.Error.Message)
		}
		if m.Aux != nil {
			var aux struct{ Digest string }
			if err := json.Unmarshal(*m.Aux, &aux); err != nil {
				return "", fmt.Errorf("read the digest: %w", err)
			}
			digest = aux.Digest
		}
	}
	if digest == "" {
		return "", errors.New("the daemon sent no digest")
	}
	return digest, nil
}
