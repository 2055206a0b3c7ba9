package diagnosis

import (
	"strings"
	"testing"
)

// The lines are from logs that people published: midrender/examples#25, loki#7078, bref#1490,
// cargo-lambda#872, route53-dynamic-dns-with-lambda#56.
func TestExplain_recognises_what_is_wrong_with_a_function(t *testing.T) {
	function := func(log ...string) Facts {
		return Facts{Action: "wait for stack s", Resource: Resource{LogicalID: "F", Type: "AWS::Lambda::Function"}, Function: Function{Log: log}}
	}
	failed := func(reason string) Facts { return Facts{Function: Function{Failed: reason}} }
	resource := func(reason string) Facts {
		return Facts{Action: "create stack s", Resource: Resource{LogicalID: "F", Type: "AWS::Lambda::Function",
			Reason: `Resource handler returned message: "` + reason + `" (RequestToken: x, HandlerErrorCode: InvalidRequest)`}}
	}
	const exit = "INIT_REPORT Init Duration: 465.42 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError"
	const entry = "INIT_REPORT Init Duration: 1.71 ms\tPhase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint"
	for _, c := range []struct {
		want  string
		facts Facts
	}{
		{"function for another platform", function("IMAGE\tLaunch error: fork/exec /app/main: exec format error\tEntrypoint: [/app/main]\tCmd: []", entry)},
		{"function's entry point", function("IMAGE\tLaunch error: fork/exec /app: no such file or directory", entry)},
		{"function ended early", function("Error: Cannot find module", exit, "RequestId: 1 Error: Runtime exited with error: exit status 1\nRuntime.ExitError")},
		{"function asks for no request", function("INIT_REPORT Init Duration: 9999.95 ms\tPhase: init\tStatus: timeout",
			"INIT_REPORT Init Duration: 3003.35 ms\tPhase: invoke\tStatus: timeout", "2025-07-17T17:36:24.304Z 4ca44f16 Task timed out after 3.01 seconds")},
		{"function timed out", function("START RequestId: 1 Version: $LATEST", "2024-06-04T10:00:00.000Z e94af20e Task timed out after 3.02 seconds")},
		{"function ended", function("START RequestId: 1 Version: $LATEST", "RequestId: 1 Error: Runtime exited with error: exit status 255\nRuntime.ExitError")},
		{"function failed", function("[ERROR] KeyError: 'path'")},
		{"function without its image", failed("Lambda does not have permission to access the ECR image. (ImageAccessDenied)")},
		{"function given up by Lambda", failed("An internal error occurred. (InternalError)")},
		{"function not called", Facts{Function: Function{Uncalled: true}}},
		{"kind of image", resource("The image manifest, config or layer media type for the source image r/x@sha256:1 is not supported. (Service: Lambda, Status Code: 400, Request ID: x) (SDK Attempt Count: 1)")},
		{"image without permission", resource("Lambda does not have permission to access the ECR image. Check the ECR permissions. (Service: Lambda, Status Code: 403, Request ID: x)")},
		{"source image", resource("Source image r/x is not valid. Provide a valid source image. (Service: Lambda, Status Code: 400, Request ID: x)")},
		{"function's role", resource("The role defined for the function cannot be assumed by Lambda. (Service: Lambda, Status Code: 400, Request ID: x)")},
		{"not invocable", resource("elasticloadbalancing principal does not have permission to invoke arn:aws:lambda:x from target group arn:aws:y")},
	} {
		found, ok := match(c.facts)
		if !ok || found.name != c.want {
			t.Errorf("%+v is %q, want %q", c.facts, found.name, c.want)
			continue
		}
		f := Explain(c.facts)
		if f.Summary == "" || f.Hint == "" || strings.ContainsAny(f.Message, "\n\t") || strings.HasSuffix(f.Message, ".") {
			t.Errorf("%s: %+v, want a summary, a hint, and a message in one line without a full stop", c.want, f)
		}
	}
	if Knows(function("START RequestId: 1", "listening", "END RequestId: 1")) {
		t.Error("a log without a failure explains one")
	}
}

// What repeats at each request is shown once, without Lambda's own lines.
func TestExplain_shows_a_functions_first_failure(t *testing.T) {
	once := []string{
		"starting", "Error: no module",
		"INIT_REPORT Init Duration: 1 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError",
		"START RequestId: 1 Version: $LATEST", "RequestId: 1 Error: Runtime exited with error: exit status 1", "END RequestId: 1",
	}
	f := Function{Log: once}
	for range 2 {
		if f.NeverStarts() {
			t.Errorf("it never starts after %d lines", len(f.Log))
		}
		f.Log = append(f.Log, once...)
	}
	if !f.NeverStarts() {
		t.Error("it started after all")
	}
	got := strings.Join(Explain(Facts{Function: f}).Log, "; ")
	if want := "starting; Error: no module; RequestId: 1 Error: Runtime exited with error: exit status 1"; got != want {
		t.Errorf("the log is %q, want %q", got, want)
	}
}
