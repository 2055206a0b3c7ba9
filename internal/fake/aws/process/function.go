package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// Function starts the program of an image as the code of a Lambda function, with the environment of the
// function and of the image. The program gets events by Lambda's runtime API, which listens at the address
// in AWS_LAMBDA_RUNTIME_API. Extensions are not started, so a web adapter in the image does nothing.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (r *Runner) Function(image string, env map[string]string) fakeaws.Function {
	api := &runtimeAPI{events: make(chan *invocation)}
	p := r.run(image, nil, func(ctx context.Context, _ *process) ([]string, error) {
		address, err := api.listen(ctx)
		return append(variables(env), "AWS_LAMBDA_RUNTIME_API="+address), err
	})
	return fakeaws.Function{
		Invoke: func(ctx context.Context, event []byte) ([]byte, error) { return api.invoke(ctx, p, event) },
		Stop:   func() { r.end(p) },
	}
}

// runtimeAPI is the runtime API of one execution environment.
type runtimeAPI struct {
	events  chan *invocation // to the program, one at a time
	running atomic.Pointer[invocation]
	ids     atomic.Int64
}

type invocation struct {
	id     string
	event  []byte
	result chan result // takes one
}

type result struct {
	response []byte
	err      error
}

// listen serves the API on loopback until ctx is done.
func (a *runtimeAPI) listen(ctx context.Context) (address string, err error) {
	var c net.ListenConfig
	listener, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.end(func(body []byte) result { return result{response: body} }))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.end(func(body []byte) result { return result{err: errors.New(string(body))} }))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	go func() { _ = server.Serve(listener) }() // until it is closed
	return listener.Addr().String(), nil
}

// next waits for an event.
func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case <-r.Context().Done():
	case i := <-a.events:
		a.running.Store(i)
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", i.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		_, _ = io.Copy(w, bytes.NewReader(i.event))
	}
}

// end takes what the program made of the event.
func (a *runtimeAPI) end(read func(body []byte) result) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 6<<20))
		i := a.running.Load()
		if err != nil || i == nil || i.id != r.PathValue("id") {
			http.Error(w, `{"errorType": "InvalidRequestID"}`, http.StatusBadRequest)
			return
		}
		a.running.Store(nil)
		i.result <- read(body)
		w.WriteHeader(http.StatusAccepted)
	}
}

func (a *runtimeAPI) invoke(ctx context.Context, p *process, event []byte) ([]byte, error) {
	i := &invocation{id: fmt.Sprintf("00000000-0000-4000-8000-%012d", a.ids.Add(1)), event: event, result: make(chan result, 1)}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.gone:
		return nil, exitError(i.id, p)
	case a.events <- i:
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.gone:
		return nil, exitError(i.id, p)
	case r := <-i.result:
		return r.response, r.err
	}
}

// exitError says in Lambda's words that the program ended.
func exitError(id string, p *process) error {
	if p.err != nil {
		return fmt.Errorf("RequestId: %s Error: %w\nRuntime.InvalidEntrypoint", id, p.err)
	}
	status := "exit status 0"
	if p.exit != nil {
		status = strings.TrimSpace(p.exit.Error())
	}
	return fmt.Errorf("RequestId: %s Error: Runtime exited with error: %s\nRuntime.ExitError", id, status)
}
