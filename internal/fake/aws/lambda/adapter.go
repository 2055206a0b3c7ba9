package lambda

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
)

// adapt answers the HTTP request in an event of a load balancer, or of an HTTP API in the payload format
// 2.0, as a web adapter in the image does.
// https://docs.aws.amazon.com/lambda/latest/dg/services-alb.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func adapt(ctx context.Context, handler http.Handler, event []byte) ([]byte, error) {
	request, err := readEvent(ctx, event)
	if err != nil {
		return nil, err
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	headers := map[string]string{}
	for name := range answer.Header() {
		headers[strings.ToLower(name)] = answer.Header().Get(name)
	}
	return json.Marshal(map[string]any{
		"statusCode": answer.Code, "statusDescription": fmt.Sprintf("%d %s", answer.Code, http.StatusText(answer.Code)),
		"headers": headers, "isBase64Encoded": true, "body": base64.StdEncoding.EncodeToString(answer.Body.Bytes()),
	})
}

func readEvent(ctx context.Context, event []byte) (*http.Request, error) {
	var e struct {
		HTTPMethod            string            `json:"httpMethod"`
		Path                  string            `json:"path"`
		QueryStringParameters map[string]string `json:"queryStringParameters"`
		RawPath               string            `json:"rawPath"`
		RawQueryString        string            `json:"rawQueryString"`
		Headers               map[string]string `json:"headers"`
		Body                  string            `json:"body"`
		IsBase64Encoded       bool              `json:"isBase64Encoded"`
		RequestContext        struct {
			HTTP struct {
				Method string `json:"method"`
			} `json:"http"`
		} `json:"requestContext"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	method, target := e.HTTPMethod, &url.URL{Scheme: "http", Host: e.Headers["host"], Path: e.Path}
	var query []string // a load balancer does not decode it
	for _, key := range slices.Sorted(maps.Keys(e.QueryStringParameters)) {
		query = append(query, key+"="+e.QueryStringParameters[key])
	}
	target.RawQuery = strings.Join(query, "&")
	if method == "" {
		method, target.Path, target.RawQuery = e.RequestContext.HTTP.Method, e.RawPath, e.RawQueryString
	}
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range e.Headers {
		request.Header.Set(name, value)
	}
	return request, nil
}
