package aws

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/wire"
	"pr-stack/internal/fake/internal/serve"
)

// Call is one API call to the account.
type Call struct {
	Time      time.Time
	Service   string // as in a request's signature: cloudformation, elasticloadbalancing
	Operation string
	Error     string // the code of the error that was the answer; "" if there was none
}

// Calls returns every API call so far, oldest first. Requests to the registry and to load balancers
// are not API calls.
func (a *AWS) Calls() []Call {
	a.account.Lock()
	defer a.account.Unlock()
	return append([]Call(nil), a.calls...)
}

// serve answers one request, or returns an error for one that gets no answer.
func (a *AWS) serve(w http.ResponseWriter, r *http.Request) error {
	if isRegistry(r) {
		return a.ecr.ServeRegistry(w, r)
	}
	for _, host := range []func(*http.Request) (http.Handler, error){a.api, a.website} {
		handler, err := host(r)
		if err == nil && handler != nil {
			handler.ServeHTTP(w, r)
		}
		if err != nil || handler != nil {
			return err
		}
	}
	return a.serveAPI(w, r)
}

// website returns what answers if the host of a request is a load balancer's, or a name in a hosted
// zone, and an error if the name does not resolve. A request that has come to the socket of a load balancer
// is for that one: its client has resolved the name.
func (a *AWS) website(r *http.Request) (http.Handler, error) {
	if socket, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if handler, err := a.elb.Handler(socket.String(), r); handler != nil || err != nil {
			return handler, err
		}
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	name := r.Host
	client, _, _ := net.SplitHostPort(r.RemoteAddr)
	target, known := a.route53.Resolve(client, host)
	if known {
		name = target
	}
	handler, err := a.elb.Handler(name, r)
	if handler == nil && err == nil && (known || strings.HasSuffix(host, ".elb.amazonaws.com")) {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return handler, err
}

func (a *AWS) serveAPI(w http.ResponseWriter, r *http.Request) error {
	q, err := wire.Read(r)
	if err != nil {
		return err
	}
	if q.Service == "" {
		q.Service = unsigned[q.Operation]
	}
	if routes := a.routes[q.Service]; routes != nil {
		routes.Read(r, &q)
	}
	fault := a.fault(q.Operation)
	connection := serve.Connection{Break: fault.Break, Lost: fault.Lost, Delay: fault.Delay}
	err = connection.Answer(func(w http.ResponseWriter, _ *http.Request) error { return a.answer(w, q, fault) }, w, r)
	if fault.Break && errors.Is(err, serve.ErrBroken) {
		a.record(q, "connection broken")
	}
	return err
}

func (a *AWS) answer(w http.ResponseWriter, q wire.Request, fault Fault) error {
	result, failed := a.dispatch(q, fault)
	var answer bytes.Buffer
	status, contentType := wire.Encode(&answer, q, result, failed)
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-Requestid", "00000000-0000-4000-8000-000000000000")
	w.WriteHeader(status)
	_, err := w.Write(answer.Bytes())
	return err
}

// dispatch runs the operation at the instant of the call.
func (a *AWS) dispatch(q wire.Request, fault Fault) (result any, failed *wire.APIError) {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	defer func() {
		call := Call{Time: a.account.Now(), Service: q.Service, Operation: q.Operation}
		if failed != nil {
			call.Error = failed.Code
		}
		a.calls = append(a.calls, call)
	}()

	caller, failed := a.authenticate(q)
	if failed == nil {
		failed = a.throttles(q)
	}
	if failed != nil {
		return nil, failed
	}
	if fault.Code != "" {
		return nil, &wire.APIError{Status: fault.Status, Code: fault.Code, Message: fault.Message}
	}
	if failed := a.authorize(q, caller); failed != nil {
		return nil, failed
	}
	a.account.Caller = caller
	defer func() { a.account.Caller = nil }()
	result, err := a.run(q)
	if err != nil {
		return nil, wire.AsAPIError(err)
	}
	return result, nil
}

func (a *AWS) run(q wire.Request) (any, error) {
	service, ok := a.operations[q.Service]
	if !ok {
		return nil, &wire.APIError{Status: 404, Code: "UnknownService", Message: fmt.Sprintf("the fake has no service %q", q.Service)}
	}
	if operation := service.Objects[q.Operation]; q.IsObject && operation != nil {
		return operation(q)
	}
	if operation := service.XML[q.Operation]; operation != nil {
		return operation(q)
	}
	if q.IsJSON || q.IsCBOR {
		if operation := service.JSON[q.Operation]; operation != nil {
			return operation(q.Body)
		}
	} else if operation := service.Query[q.Operation]; operation != nil {
		return operation(q.Form)
	}
	return nil, &wire.APIError{
		Status: 404, Code: "UnknownOperationException",
		Message: fmt.Sprintf("the fake has no operation %s of %s", q.Operation, q.Service),
	}
}

// throttles checks the number of calls.
func (a *AWS) throttles(q wire.Request) *wire.APIError {
	switch {
	case !a.limited(q.Operation):
		return nil
	case q.IsObject:
		return &wire.APIError{Status: 503, Code: "SlowDown", Message: "Please reduce your request rate."}
	case q.IsJSON:
		return &wire.APIError{Code: "ThrottlingException", Message: "Rate exceeded"}
	default:
		return &wire.APIError{Code: "Throttling", Message: "Rate exceeded"}
	}
}

func (a *AWS) record(q wire.Request, outcome string) {
	a.account.Lock()
	defer a.account.Unlock()
	a.calls = append(a.calls, Call{Time: time.Now(), Service: q.Service, Operation: q.Operation, Error: outcome})
}
