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

// push lets the Engine push an image that it holds, and returns the digest that the registry knows it by.
func (d *Daemon) push(ctx context.Context, tag reference.Named) (string, error) {
	header, err := d.header(ctx, reference.Domain(tag))
	if err != nil {
		return "", err
	}
	answer, err := d.engine.ImagePush(ctx, tag.String(), engine.ImagePushOptions{RegistryAuth: header})
	if err != nil {
		return "", err
	}
	defer answer.Close()
	return pushed(answer.JSONMessages(ctx))
}

// pushed reads a push to its end. The Engine has answered 200 long before it knows how the push goes, so that failure
// is one more message; and so is the digest.
func pushed(messages iter.Seq2[jsonstream.Message, error]) (string, error) {
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
		return "", errors.New("the daemon ended without a digest")
	}
	return digest, nil
}
