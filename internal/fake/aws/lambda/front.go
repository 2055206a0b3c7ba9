package lambda

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// The services that call functions for whoever sends a request.
const (
	LoadBalancing = "elasticloadbalancing.amazonaws.com"
	APIGateway    = "apigateway.amazonaws.com"
)

// BehindLoadBalancer returns what a load balancer answers with a function, which the target group of that
// ARN has. If the function fails, may not be invoked, or gives no such response, that is 502.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
func (l *Lambda) BehindLoadBalancer(function, targetGroup string) http.Handler {
	return l.front(function, LoadBalancing, targetGroup, http.StatusBadGateway, func(r *http.Request, e map[string]any) {
		query := map[string]string{} // not decoded
		for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
			if key, value, _ := strings.Cut(pair, "="); key != "" {
				query[key] = value
			}
		}
		e["requestContext"] = map[string]any{"elb": map[string]any{"targetGroupArn": targetGroup}}
		e["httpMethod"], e["path"], e["queryStringParameters"] = r.Method, r.URL.EscapedPath(), query
	})
}

// BehindAPI returns what an HTTP API answers with a function, in the payload format 2.0. The source is the
// ARN of the route. If the function fails or may not be invoked, that is 500.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
func (l *Lambda) BehindAPI(function, source string) http.Handler {
	return l.front(function, APIGateway, source, http.StatusInternalServerError, func(r *http.Request, e map[string]any) {
		e["version"], e["routeKey"], e["rawPath"], e["rawQueryString"] = "2.0", "$default", r.URL.EscapedPath(), r.URL.RawQuery
		e["requestContext"] = map[string]any{
			"stage": "$default", "domainName": r.Host, "http": map[string]any{"method": r.Method, "path": r.URL.Path, "protocol": "HTTP/1.1"},
		}
	})
}

// front turns a request into an event, and the function's response into the answer.
func (l *Lambda) front(function, service, source string, failure int, describe func(*http.Request, map[string]any)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, err := newEvent(r, describe)
		if err != nil {
			http.Error(w, "400 Bad Request", http.StatusBadRequest)
			return
		}
		l.account.Lock()
		allowed := l.Invocable(function, service, source)
		l.account.Unlock()
		if allowed {
			response, err := l.Invoke(r.Context(), function, event)
			if err == nil && respond(w, response) == nil {
				return
			}
		}
		http.Error(w, http.StatusText(failure), failure)
	})
}

// newEvent returns the event of a request, without headers of several values.
func newEvent(r *http.Request, describe func(*http.Request, map[string]any)) ([]byte, error) {
	headers := map[string]string{"host": r.Host, "x-forwarded-port": "80", "x-forwarded-proto": "http"}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = values[len(values)-1]
	}
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, 1<<20)); err != nil {
			return nil, err
		}
	}
	text, encoded := string(body), !utf8.Valid(body)
	if encoded {
		text = base64.StdEncoding.EncodeToString(body)
	}
	event := map[string]any{"headers": headers, "body": text, "isBase64Encoded": encoded}
	describe(r, event)
	return json.Marshal(event)
}

// respond writes a function's response: it must have a statusCode.
func respond(w http.ResponseWriter, response []byte) error {
	var answer struct {
		StatusCode      int               `json:"statusCode"`
		Headers         map[string]string `json:"headers"`
		Body            string            `json:"body"`
		IsBase64Encoded bool              `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(response, &answer); err != nil {
		return err
	}
	if answer.StatusCode < 100 || answer.StatusCode > 599 {
		return fmt.Errorf("the response has the status %d", answer.StatusCode)
	}
	body := []byte(answer.Body)
	if answer.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(answer.Body); err != nil {
			return err
		}
	}
	for name, value := range answer.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(answer.StatusCode)
	_, err := w.Write(body)
	return err
}
