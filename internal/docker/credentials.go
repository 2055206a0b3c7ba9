package docker

import (
	"context"

	"github.com/moby/buildkit/session/auth"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
	"google.golang.org/grpc"
)

// Credentials open one registry. They are shown to Host and to no other, whatever a Dockerfile names.
type Credentials struct {
	Host     string // as in an image reference: 123456789012.dkr.ecr.eu-north-1.amazonaws.com
	Username string
	Password string
}

// credentials returns what the caller has for host: nothing, if it has none or has them for another.
func (d *Daemon) credentials(ctx context.Context, host string) (Credentials, error) {
	if d.Credentials == nil {
		return Credentials{}, nil
	}
	c, err := d.Credentials(ctx)
	if err != nil || c.Host != host {
		return Credentials{}, err
	}
	return c, nil
}

// keyring answers BuildKit when a registry wants to know who is there. It leaves the token calls unimplemented:
// BuildKit then fetches tokens itself, also those that Docker Hub gives to anyone.
type keyring struct {
	auth.UnimplementedAuthServer
	daemon *Daemon
	host   string // that is pushed to
}

func (k *keyring) Register(server *grpc.Server) { auth.RegisterAuthServer(server, k) }

func (k *keyring) Credentials(ctx context.Context, q *auth.CredentialsRequest) (*auth.CredentialsResponse, error) {
	if q.Host != k.host {
		return &auth.CredentialsResponse{}, nil // not even asked for: a Dockerfile may name any registry
	}
	c, err := k.daemon.credentials(ctx, q.Host)
	if err != nil {
		return nil, err
	}
	return &auth.CredentialsResponse{Username: c.Username, Secret: c.Password}, nil
}

// header is the same answer in the form that the Engine takes along with a push.
func (d *Daemon) header(ctx context.Context, host string) (string, error) {
	c, err := d.credentials(ctx, host)
	if err != nil {
		return "", err
	}
	return authconfig.Encode(registry.AuthConfig{Username: c.Username, Password: c.Password, ServerAddress: c.Host})
}
