// Package probe requests a URL until the URL answers well. It knows nothing about the server.
package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
)

const (
	// successes is how many good answers must follow each other, because a load balancer's nodes do
	// not all learn of a target at the same time.
	successes = 2
	// requestTimeout is how long one request may take.
	requestTimeout = 10 * time.Second
	// maxHeader and maxBody are how many bytes of an answer are read. Nothing of it is shown.
	maxHeader = 64 << 10
	maxBody   = 64 << 10
	// maxText is how many characters of an error are shown.
	maxText = 200
)

// newTransport returns net/http's own transport with a limit of our own: what answers may be hostile.
func newTransport() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = maxHeader
	return transport
}

// Expect is what a URL must do before it counts as up. Its zero value is what most URLs need.
type Expect struct {
	// Steady is how long no answer may be bad, since one that was may come again: an HTTP API asks tasks
	// that are gone for a while.
	Steady time.Duration
	// Token means that the URL asks for a token that the run does not have, so that 401 is its answer.
	Token bool
}

// Wait requests the URL until it has answered 2xx or 3xx twice in a row, and does what else is expected
// of it. A redirect is an answer and is not followed: it may lead to a login page elsewhere. While it
// waits, Wait logs the last bad answer to logf, which may be nil. When ctx is done, the error says what
// the last answer was, and its hint says what to check.
func (e Expect) Wait(ctx context.Context, transport http.RoundTripper, url string, logf func(format string, args ...any)) error {
	if transport == nil {
		transport = newTransport()
	}
	last, inRow := answer{text: "it was not requested"}, 0
	var since time.Time // the first good answer of those in a row
	waiting := poll.Reporter{Logf: logf}
	waiting.Waiting("  waiting for %s", url) // a first request may take ten seconds
	for range poll.Every(ctx, time.Second) {
		got := request(ctx, transport, url)
		if ctx.Err() != nil {
			break // an answer that was cut off says nothing about the server
		}
		last = got
		if !e.accepts(got) {
			inRow = 0
			waiting.Waiting("  waiting for %s: %s", url, got.text)
			continue
		}
		if inRow++; inRow == 1 {
			since = time.Now()
		}
		if inRow >= successes && time.Since(since) >= e.Steady {
			return nil
		}
		if inRow == successes {
			waiting.Waiting("  %s answers: waiting until it has done so for %s", url, e.Steady)
		}
	}
	if e.Steady > 0 && e.accepts(last) {
		last = answer{text: fmt.Sprintf("it did not answer for %s without an error", e.Steady), hint: unsteady}
	}
	err := fmt.Errorf("request %s: %s: %w", url, last.text, context.Cause(ctx))
	return hint.Wrap(err, last.hint)
}

// unsteady is the advice about a URL that answers well only now and then.
const unsteady = "see the container's log for a task that ends now and then, and raise health-check-timeout if it only takes longer"

func (e Expect) accepts(a answer) bool { return a.ok || e.Token && a.noToken }

// answer is the result of one request.
type answer struct {
	ok      bool
	noToken bool // a token is asked for
	text    string
	hint    string // what to check if the answer does not change
}

// request requests the URL once. It has no client, which would parse the address of a redirect, and
// quote one that is invalid.
func request(ctx context.Context, transport http.RoundTripper, url string) answer {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{text: err.Error(), hint: "correct the output Url of the template"}
	}
	request.Header.Set("User-Agent", "pr-stack")
	if user := request.URL.User; user != nil { // as a client does
		password, _ := user.Password()
		request.SetBasicAuth(user.Username(), password)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return unanswered(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxBody)) // so that the connection can be used again
	code := response.StatusCode
	// The reason phrase is in the server's words, so it is not shown.
	words := strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
	a := answer{ok: code >= 200 && code < 400, noToken: code == http.StatusUnauthorized, text: "the last answer was " + words}
	switch {
	case code == http.StatusServiceUnavailable, code == http.StatusBadGateway, code == http.StatusGatewayTimeout:
		a.hint = "no healthy task answered: see the container's log, and raise health-check-timeout if the code is slow to start"
	case code >= 500:
		a.hint = "the code fails on health-check-path, which the container's log should explain"
	case code >= 400:
		a.hint = "set health-check-path to a path that the code answers with 2xx or 3xx"
	}
	return a
}

// unanswered returns the result of a request that got no answer. Where an error quotes what the server
// wrote, its text is replaced.
func unanswered(err error) answer {
	text := []rune(err.Error())
	a := answer{text: string(text[:min(maxText, len(text))])}
	var name *net.DNSError
	var dial *net.OpError
	var untrusted *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &name):
		a.hint = "the URL's host name does not resolve: check the output Url, or wait and run the job again if the name is new"
	case errors.As(err, &untrusted):
		a.text = certificateError(untrusted)
		a.hint = "the certificate is not valid for the URL: check the listener's certificate and the output Url"
	case errors.As(err, &alert), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		a.hint = "what answers does not speak TLS, which the URL asks for: check the listener's protocol and the output Url"
	case errors.As(err, &timeout) && timeout.Timeout():
		a.text = fmt.Sprintf("no answer within %s", requestTimeout)
		a.hint = "nothing answers at the URL: check the load balancer's security group and listener, and that the job may reach it"
	case errors.As(err, &dial) && dial.Op != "dial":
		a.hint = "the connection was closed without an answer: see the container's log"
	case errors.As(err, &dial):
		a.hint = "nothing accepts connections at the URL: check the load balancer's listener and its port in the output Url"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		a.text = "the connection was closed without an answer"
		a.hint = "see the container's log"
	case strings.Contains(a.text, "malformed"), strings.Contains(a.text, "transport connection broken"),
		strings.Contains(a.text, "headers exceeded"):
		a.text = "the answer is not valid HTTP"
		a.hint = "check the listener's protocol and the port in the output Url"
	default:
		a.hint = "check that the URL can be reached from the job"
	}
	return a
}

// certificateError says what is wrong with a certificate, without the names that are in it.
func certificateError(err error) string {
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return "the certificate is for another host"
	case errors.As(err, &authority):
		return "the certificate is signed by an unknown authority"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired or is not yet valid"
	}
	return "the certificate is not valid"
}
