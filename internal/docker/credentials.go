package docker

import (
	"context"

	"github.com/moby/buildkit/session/auth"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
	"google.golang.org/grpc"
)

// Credentials are the login to one registry. They are sent to Host only, whatever registries a
// Dockerfile names.
type Credentials struct {
	Host     string // as in an image reference, such as 123456789012.dkr.ecr.eu-north-1.amazonaws.com
	Username string
	Password string
}

// credentials returns the caller's credentials for host. They are empty if the caller has none, or
// has them for another host.
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

// authProvider gives BuildKit the credentials for a registry that asks for them. It does not
// implement the token calls, so that BuildKit fetches tokens itself, including Docker Hub's
// anonymous ones.
type authProvider struct {
	auth.UnimplementedAuthServer
	daemon *Daemon
	host   string // of the registry that is pushed to
}

func (p *authProvider) Register(server *grpc.Server) { auth.RegisterAuthServer(server, p) }

func (p *authProvider) Credentials(ctx context.Context, r *auth.CredentialsRequest) (*auth.CredentialsResponse, error) {
	if r.Host != p.host {
		return &auth.CredentialsResponse{}, nil // without asking the caller: a Dockerfile may name any registry
	}
	c, err := p.daemon.credentials(ctx, r.Host)
	if err != nil {
		return nil, err
	}
	return &auth.CredentialsResponse{Username: c.Username, Secret: c.Password}, nil
}

// registryAuth returns the credentials for host in the form that the Engine needs for a push.
func (d *Daemon) registryAuth(ctx context.Context, host string) (string, error) {
	c, err := d.credentials(ctx, host)
	if err != nil {
		return "", err
	}
	return authconfig.Encode(registry.AuthConfig{Username: c.Username, Password: c.Password, ServerAddress: c.Host})
}
