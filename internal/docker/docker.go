// Package docker builds an image from a Dockerfile and pushes it, with the BuildKit that is part of a Docker daemon. It
// speaks to the daemon's socket alone: no docker command, no builder of its own, no login file. Where the image goes and
// who may push it there is the caller's to say; the package knows nothing of ECR or GitHub beyond BuildKit's words.
//
// There are two kinds of daemon. With the containerd image store, BuildKit pushes by itself and can do all that it is
// known for. With a graph driver (overlay2 and the like), the image is built into the daemon's own store and the Engine
// pushes it; several options then have no effect, and those are refused by name instead of being lost.
//
// A Dockerfile that begins with "# syntax=" makes the daemon pull that frontend from its registry before it builds.
package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"

	buildkit "github.com/moby/buildkit/client"
	engine "github.com/moby/moby/client"
)

// ErrUnavailable tells that no usable Docker daemon answers; the error around it says where and why. Ask with errors.Is.
var ErrUnavailable = errors.New("no Docker daemon")

// Daemon is a connection to a Docker daemon. Connect makes one; its fields may be set until the first build.
type Daemon struct {
	Credentials func(context.Context) (Credentials, error) // nil: none are needed; asked up to ten times a build
	GitHubCache GitHubCache                                // for caches of type gha
	Progress    io.Writer                                  // gets whole lines as the build goes on; nil: nothing is shown
	OnStep      func(Step)                                 // told of each step that took time, when it has ended; may be nil

	engine   *engine.Client
	buildkit *buildkit.Client
	ability  ability
}

// Connect finds out what the daemon at host can do: unix:///path or tcp://host:port, and if empty Docker's own default,
// unix:///var/run/docker.sock.
func Connect(ctx context.Context, host string) (*Daemon, error) {
	if host == "" {
		host = engine.DefaultDockerHost
	}
	d, err := connect(ctx, host)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("connect to Docker at %s: %w: %w", host, ErrUnavailable, reason(err))
	}
	return d, nil
}

func connect(ctx context.Context, host string) (_ *Daemon, err error) {
	where, err := url.Parse(host)
	if err != nil || where.Scheme != "unix" && where.Scheme != "tcp" {
		return nil, errors.New("the address must begin with unix:// or tcp://")
	}
	d := &Daemon{}
	defer func() {
		if err != nil {
			_ = d.Close()
		}
	}()
	if d.engine, err = engine.New(engine.WithHost(host)); err != nil {
		return nil, err
	}
	if _, err = d.engine.Ping(ctx, engine.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return nil, err
	}
	d.buildkit, err = buildkit.New(ctx, "",
		buildkit.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return d.engine.DialHijack(ctx, "/grpc", "h2c", nil)
		}),
		buildkit.WithSessionDialer(func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return d.engine.DialHijack(ctx, "/session", proto, meta)
		}))
	if err != nil {
		return nil, err
	}
	if d.ability, err = d.abilities(ctx); err != nil {
		return nil, fmt.Errorf("it has no BuildKit: %w", err)
	}
	return d, nil
}

// Close ends the connection, and with it a build that is still going on.
func (d *Daemon) Close() error {
	var errs []error
	if d.buildkit != nil {
		errs = append(errs, d.buildkit.Close())
	}
	if d.engine != nil {
		errs = append(errs, d.engine.Close())
	}
	return errors.Join(errs...)
}

// reason is the innermost cause of a failed connection, such as "permission denied": what the client wraps around it
// guesses, or says again where the daemon was looked for.
func reason(err error) error {
	if call := (*os.SyscallError)(nil); errors.As(err, &call) {
		return call.Err
	}
	if engine.IsErrConnectionFailed(err) {
		return errors.New("nothing answers there")
	}
	return errors.New(strings.TrimSuffix(err.Error(), "."))
}
