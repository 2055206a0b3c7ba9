package elb

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// Functions are the account's functions, by ARN.
type Functions interface {
	// Invocable reports whether a function's policy lets a service invoke it for a resource.
	Invocable(function, service, sourceARN string) bool
	// Invoke invokes a function. It is called without the account's lock.
	Invoke(ctx context.Context, function string, event []byte) (response []byte, err error)
}

// ConnectFunctions makes functions known, so that they can be targets.
func (e *ELB) ConnectFunctions(f Functions) { e.functions = f }

const principal = "elasticloadbalancing.amazonaws.com"

// healthCheckDisabled is the reason of a target whose group has no health checks, as one of a function has
// by default. It gets requests, too.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
const healthCheckDisabled = "Target.HealthCheckDisabled"

func (t *Target) takesRequests() bool { return t.State == "healthy" || t.reason == healthCheckDisabled }

// registerFunctions registers the function of a target group of type lambda. Elastic Load Balancing looks
// at once whether it may invoke the function (aws-cdk#4663, ansible#52253).
func (e *ELB) registerFunctions(g *TargetGroup, p map[string]any) error {
	if property.Text(p["TargetType"]) != "lambda" {
		return nil
	}
	g.targets = nil
	for _, target := range property.List(p["Targets"]) {
		arn := property.Text(property.Object(target)["Id"])
		if e.functions == nil || !e.functions.Invocable(arn, principal, g.ARN) {
			return cloudformation.HandlerError(e.account, fmt.Sprintf("elasticloadbalancing principal does not have permission "+
				"to invoke %s from target group %s (Service: ElasticLoadBalancingV2, Status Code: 403, Request ID: %s) "+
				"(SDK Attempt Count: 1)", arn, g.ARN, e.account.UUID()), "AccessDenied")
		}
		g.targets = append(g.targets, &Target{
			backend: &functionTarget{e, g, arn},
			State:   "unavailable", reason: healthCheckDisabled, Description: "Health checks are disabled",
		})
	}
	return nil
}

// functionTarget is a function behind a load balancer.
type functionTarget struct {
	elb   *ELB
	group *TargetGroup
	arn   string
}

func (f *functionTarget) Address() string                 { return f.arn }
func (f *functionTarget) Listens(int) bool                { return true }
func (f *functionTarget) Hangs() bool                     { return false }
func (f *functionTarget) Healthy()                        {}
func (f *functionTarget) Unhealthy(*TargetGroup, *Target) {}

// Handler turns a request into an event, and the function's response into the answer. If the function
// fails, may not be invoked, or gives no such response, the load balancer answers 502.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
func (f *functionTarget) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, err := f.event(r)
		if err != nil {
			http.Error(w, "400 Bad Request", http.StatusBadRequest)
			return
		}
		response, err := f.invoke(r.Context(), event)
		if err != nil || respond(w, response) != nil {
			http.Error(w, "502 Bad Gateway", http.StatusBadGateway)
		}
	})
}

func (f *functionTarget) invoke(ctx context.Context, event []byte) ([]byte, error) {
	f.elb.account.Lock()
	allowed := f.elb.functions.Invocable(f.arn, principal, f.group.ARN)
	f.elb.account.Unlock()
	if !allowed {
		return nil, fmt.Errorf("%s may not invoke %s", principal, f.arn)
	}
	return f.elb.functions.Invoke(ctx, f.arn, event)
}

// event returns the event that Application Load Balancers send, without headers of several values.
func (f *functionTarget) event(r *http.Request) ([]byte, error) {
	headers := map[string]string{"host": r.Host, "x-forwarded-port": "80", "x-forwarded-proto": "http"}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = values[len(values)-1]
	}
	query := map[string]string{}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if key, value, _ := strings.Cut(pair, "="); key != "" {
			query[key] = value
		}
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
	return json.Marshal(map[string]any{
		"requestContext": map[string]any{"elb": map[string]any{"targetGroupArn": f.group.ARN}},
		"httpMethod":     r.Method, "path": r.URL.EscapedPath(), "queryStringParameters": query, "headers": headers,
		"body": text, "isBase64Encoded": encoded,
	})
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
