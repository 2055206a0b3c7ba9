package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
)

// serveLambda answers Lambda's events with a handler, as an adapter such as aws-lambda-web-adapter does for
// a web server that knows nothing of Lambda. Events are those of a load balancer, and of an HTTP API.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func serveLambda(ctx context.Context, handler http.Handler) error {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		id, event, err := call(ctx, http.MethodGet, api+"next", nil)
		if err != nil {
			return err
		}
		response, err := answer(ctx, handler, event)
		if err != nil {
			response, _ = json.Marshal(map[string]string{"errorType": "event", "errorMessage": err.Error()})
			id += "/error"
		} else {
			id += "/response"
		}
		if _, _, err := call(ctx, http.MethodPost, api+id, response); err != nil {
			return err
		}
	}
}

func call(ctx context.Context, method, url string, body []byte) (id string, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return "", nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		return "", nil, fmt.Errorf("%s %s: %s", method, url, response.Status)
	}
	answer, err = io.ReadAll(response.Body)
	return response.Header.Get("Lambda-Runtime-Aws-Request-Id"), answer, err
}

func answer(ctx context.Context, handler http.Handler, event []byte) ([]byte, error) {
	var e struct {
		HTTPMethod, Path, RawPath string
		Headers                   map[string]string
		RequestContext            struct{ HTTP struct{ Method string } }
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	method, path := e.HTTPMethod, e.Path
	if method == "" { // of an HTTP API, in the format 2.0
		method, path = e.RequestContext.HTTP.Method, e.RawPath
	}
	request, err := http.NewRequestWithContext(ctx, method, (&url.URL{Path: path}).String(), nil)
	if err != nil {
		return nil, err
	}
	for name, value := range e.Headers {
		request.Header.Set(name, value)
	}
	written := httptest.NewRecorder()
	handler.ServeHTTP(written, request)
	headers := map[string]string{}
	for name := range written.Header() {
		headers[name] = written.Header().Get(name)
	}
	return json.Marshal(map[string]any{"statusCode": written.Code, "headers": headers, "body": written.Body.String()})
}
