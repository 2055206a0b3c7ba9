package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pr-stack/internal/actiontest"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/fake/aws/process"
)

// account makes an AWS account listen on loopback: its API and registry on one port, each load
// balancer on its own port.
type account struct {
	server   *http.Server
	endpoint string          // http://127.0.0.1:PORT
	tls      *tls.Config     // of load balancers
	trusted  *x509.CertPool  // of those who request URLs
	programs *process.Runner // runs the containers' programs
}

// newEnv returns an env whose account listens, with files below dir.
// Resolvers keep what they know for a minute if promotions are played.
func newEnv(ctx context.Context, dir string, o options) (*actiontest.Env, *account, error) {
	listener, err := listen(ctx)
	if err != nil {
		return nil, nil, err
	}
	certificate, trusted, err := newCertificate()
	if err != nil {
		return nil, nil, err
	}
	a := &account{
		endpoint: "http://" + listener.Addr().String(), programs: &process.Runner{}, server: &http.Server{},
		trusted: trusted,
		tls:     &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	}
	e, err := actiontest.New(dir, fakeaws.Options{
		Scale:            o.scale,
		RegistryHost:     listener.Addr().String(),
		LoadBalancerHost: a.loadBalancerHost,
		Container:        a.programs.Container,
		Function:         a.programs.Function,
		Task:             a.programs.Task,
		ResolverTTL:      o.resolverTTL(),
	})
	if err != nil {
		return nil, nil, err
	}
	e.Configure, e.HTTP, e.Docker = a.configure, transport(trusted, e.AWS.Resolve), nil
	a.programs.Pull = e.AWS.PullImage
	a.server.Handler = e.AWS
	go a.serve(listener)
	return e, a, nil
}

// loadBalancerHost opens a socket for a load balancer and returns its address. The socket stays open
// until the account is closed, because a name that callers know may still be asked after the load
// balancer is deleted. The account decides what the socket answers.
func (a *account) loadBalancerHost(string) string {
	listener, err := listen(context.Background())
	if err != nil {
		return "no-port-is-free.invalid"
	}
	plain, secure := split(listener)
	go a.serve(plain)
	go a.serve(tls.NewListener(secure, a.tls))
	return listener.Addr().String()
}

func listen(ctx context.Context) (net.Listener, error) {
	var c net.ListenConfig
	return c.Listen(ctx, "tcp", "127.0.0.1:0")
}

func (a *account) serve(l net.Listener) {
	if err := a.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		panic(err)
	}
}

// configure makes the action reach the account over the socket, with the SDK's endpoint setting.
func (a *account) configure(config *aws.Config) {
	config.HTTPClient = nil
	config.BaseEndpoint = &a.endpoint
}

func (a *account) close() {
	a.server.Close()
	a.programs.Close()
}
