// Package docker builds an image from a Dockerfile and pushes it, with the BuildKit that is part of a
// Docker daemon. It uses only the daemon's socket: no docker command, no builder of its own, no login
// file. The caller chooses the tag and supplies the credentials. The package knows nothing about ECR,
// and of GitHub only BuildKit's cache type gha.
//
// There are two kinds of daemon. With the containerd image store, BuildKit itself pushes, and
// supports all of its options. With a graph driver such as overlay2, BuildKit writes the image to
// the daemon's store and the Engine pushes it. Several options then have no effect; each is an
// error that names the option, so that none is ignored.
//
// If a Dockerfile begins with "# syntax=", the daemon first pulls that frontend from its registry.
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

	"pr-stack/internal/hint"
)

// ErrUnavailable is the cause of an error about a Docker daemon that cannot be used. The error itself
// says where and why.
var ErrUnavailable = errors.New("no Docker daemon")

// Daemon is a connection to a Docker daemon. Connect returns one. Its fields may be set until the
// first build.
type Daemon struct {
	// Credentials is called up to ten times in a build. If it is nil, no credentials are needed.
	Credentials func(context.Context) (Credentials, error)
	GitHubCache GitHubCache // for caches of type gha
	Progress    io.Writer   // receives whole lines during the build; nil: none are written
	OnStep      func(Step)  // called at the end of each step that was not cached; may be nil

	// Redact returns a text without the secrets in it. It is applied to errors and to each line
	// that goes to Progress. Nothing else hides a build's secrets or the cache's token. Redact
	// must hide each line of a secret that has several. If Redact is nil, texts are not changed.
	Redact func(string) string

	engine   *engine.Client
	buildkit *buildkit.Client
	features features
}

// Connect connects to the daemon at host, which is unix:///path or tcp://host:port. If host is
// empty, it is Docker's default, unix:///var/run/docker.sock.
func Connect(ctx context.Context, host string) (*Daemon, error) {
	if host == "" {
		host = engine.DefaultDockerHost
	}
	d, err := connect(ctx, host)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("connect to Docker at %s: %w: %w", host, ErrUnavailable, reason(err)),
			"start Docker, run the job on a machine that has it, set image to one that exists already, "+
				"or set image-archive")
	}
	return d, nil
}

func connect(ctx context.Context, host string) (_ *Daemon, err error) {
	address, err := url.Parse(host)
	if err != nil || address.Scheme != "unix" && address.Scheme != "tcp" {
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
	if d.features, err = d.detectFeatures(ctx); err != nil {
		return nil, fmt.Errorf("it has no BuildKit: %w", err)
	}
	return d, nil
}

// Close closes the connection, which also stops a running build.
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

// reason returns the innermost cause of a failed connection, such as "permission denied". The
// client's own text around it is a guess, or repeats the daemon's address.
func reason(err error) error {
	if call := (*os.SyscallError)(nil); errors.As(err, &call) {
		return call.Err
	}
	if engine.IsErrConnectionFailed(err) {
		return errors.New("connection failed")
	}
	return errors.New(strings.TrimSuffix(err.Error(), "."))
}
