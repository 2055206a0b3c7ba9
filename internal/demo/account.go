package main

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/fake/aws/process"
)

// account is an AWS account that listens on loopback: its API and registry on one port, each load balancer on one of
// its own.
type account struct {
	*fakeaws.AWS
	server   *http.Server
	endpoint string // http://127.0.0.1:PORT
	runner   *process.Runner

	mishap func() fakeaws.Container // how containers misbehave; nil lets their programs run
}

func newAccount(ctx context.Context, scale float64) (*account, error) {
	listener, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	a := &account{endpoint: "http://" + listener.Addr().String(), runner: &process.Runner{}}
	a.AWS = fakeaws.New(fakeaws.Options{
		Scale:            scale,
		RegistryHost:     listener.Addr().String(),
		LoadBalancerHost: a.loadBalancerHost,
		Container:        a.container,
	})
	a.runner.Pull = a.PullImage
	a.server = &http.Server{Handler: a.AWS}
	go a.serve(listener)
	return a, nil
}

func (a *account) container(image string, env map[string]string) fakeaws.Container {
	if a.mishap != nil {
		return a.mishap()
	}
	return a.runner.Container(image, env)
}

// misbehave has every container that starts from now on behave so, instead of running its program.
func (a *account) misbehave(how func() fakeaws.Container) { a.mishap = how }

// loadBalancerHost gives a load balancer a socket. It answers there for as long as the account lasts, as a name that has
// been given away may; what it answers is the account's to say.
func (a *account) loadBalancerHost(string) string {
	listener, err := listen(context.Background())
	if err != nil {
		return "no-port-is-free.invalid"
	}
	go a.serve(listener)
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

// sdk is how the action reaches the account: by the SDK's own endpoint setting, over the socket.
func (a *account) sdk(_ context.Context, region string) (aws.Config, error) {
	config := a.Config()
	config.HTTPClient = nil
	config.BaseEndpoint = &a.endpoint
	if region != "" {
		config.Region = region
	}
	return config, nil
}

func (a *account) close() {
	a.server.Close()
	a.runner.Close()
}
