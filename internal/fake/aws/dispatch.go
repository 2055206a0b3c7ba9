package aws

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// operations are those of one service, by name. A service speaks one protocol.
type operations struct {
	query map[string]queryOperation
	json  map[string]jsonOperation
}

// Call is one API call that the account was asked.
type Call struct {
	Time      time.Time
	Service   string // as in a request's signature: cloudformation, elasticloadbalancing
	Operation string
	Error     string // the code that was answered; "" if it went well
}

// Calls returns every API call so far, oldest first. The registry's requests and those to load balancers are none.
func (a *AWS) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Call(nil), a.calls...)
}

// errBroken is a connection that ended without an answer.
var errBroken = errors.New("connection reset by peer")

// serve answers one request, or returns an error for one that gets no answer.
func (a *AWS) serve(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path == "/v2" || strings.HasPrefix(r.URL.Path, "/v2/") {
		return a.serveRegistry(w, r)
	}
	if handler := a.loadBalancer(r.Host); handler != nil {
		handler.ServeHTTP(w, r)
		return nil
	}
	if host := strings.TrimSuffix(r.Host, ":80"); strings.HasSuffix(host, ".elb.amazonaws.com") {
		return &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return a.serveAPI(w, r)
}

// request is one API call as it came in.
type request struct {
	service, operation string
	accessKey          string
	isJSON             bool
	body               []byte
	form               url.Values
}

var credential = regexp.MustCompile(`Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request`)

func read(r *http.Request) (request, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return request{}, err
	}
	q := request{body: body}
	if scope := credential.FindStringSubmatch(r.Header.Get("Authorization")); scope != nil {
		q.accessKey, q.service = scope[1], scope[3]
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		q.isJSON = true
		_, q.operation, _ = strings.Cut(target, ".")
		return q, nil
	}
	q.form, err = url.ParseQuery(string(body))
	q.operation = q.form.Get("Action")
	return q, err
}

func (a *AWS) serveAPI(w http.ResponseWriter, r *http.Request) error {
	q, err := read(r)
	if err != nil {
		return err
	}
	fault := a.fault(q.operation)
	if fault.Delay > 0 {
		timer := time.NewTimer(fault.Delay)
		select {
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return r.Context().Err()
		}
	}
	if fault.Break {
		a.note(q, "connection broken")
		return errBroken
	}
	result, err := a.carryOut(q, fault)
	if fault.Lost {
		return errBroken
	}
	var answer bytes.Buffer
	status, contentType := encode(&answer, q, result, err)
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-Requestid", "00000000-0000-4000-8000-000000000000")
	w.WriteHeader(status)
	_, err = w.Write(answer.Bytes())
	return err
}

// carryOut does what was asked, at the instant at which it was asked.
func (a *AWS) carryOut(q request, fault Fault) (result any, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settle(time.Now())
	defer func() {
		call := Call{Time: a.now, Service: q.service, Operation: q.operation}
		if api := (*apiError)(nil); errors.As(err, &api) {
			call.Error = api.Code
		}
		a.calls = append(a.calls, call)
	}()

	if err := a.refuses(q); err != nil {
		return nil, err
	}
	if fault.Code != "" {
		return nil, &apiError{Status: fault.Status, Code: fault.Code, Message: fault.Message}
	}
	service, ok := a.operations[q.service]
	if !ok {
		return nil, &apiError{Status: 404, Code: "UnknownService", Message: fmt.Sprintf("fakeaws has no service %q", q.service)}
	}
	if q.isJSON {
		if operation := service.json[q.operation]; operation != nil {
			return clean(operation(a, q.body))
		}
	} else if operation := service.query[q.operation]; operation != nil {
		return clean(operation(a, q.form))
	}
	return nil, &apiError{Status: 404, Code: "UnknownOperationException", Message: fmt.Sprintf("fakeaws has no operation %s of %s", q.operation, q.service)}
}

// clean makes every error an *apiError: one that an operation passes on from a template is the caller's mistake.
func clean(result any, err error) (any, error) {
	if err == nil {
		return result, nil
	}
	if api := (*apiError)(nil); errors.As(err, &api) {
		return nil, api
	}
	return nil, &apiError{Code: "ValidationError", Message: err.Error()}
}

// refuses checks what AWS checks before it looks at the operation: the caller and the number of calls.
func (a *AWS) refuses(q request) error {
	switch {
	case q.accessKey == "":
		return &apiError{Status: 403, Code: "MissingAuthenticationToken", Message: "Missing Authentication Token"}
	case q.accessKey == "EXPIRED" && q.isJSON:
		return &apiError{Code: "ExpiredTokenException", Message: "The security token included in the request is expired"}
	case q.accessKey == "EXPIRED":
		return &apiError{Status: 403, Code: "ExpiredToken", Message: "The security token included in the request is expired"}
	case q.accessKey == "UNKNOWN" && q.isJSON:
		return &apiError{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid."}
	case q.accessKey == "UNKNOWN":
		return &apiError{Status: 403, Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid."}
	case !a.limited(q.operation):
		return nil
	case q.isJSON:
		return &apiError{Code: "ThrottlingException", Message: "Rate exceeded"}
	default:
		return &apiError{Code: "Throttling", Message: "Rate exceeded"}
	}
}

func (a *AWS) note(q request, outcome string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, Call{Time: time.Now(), Service: q.service, Operation: q.operation, Error: outcome})
}
