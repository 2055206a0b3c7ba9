package command_test

import (
	"strings"
	"testing"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// The team keeps paying for what remains.
func TestSweep_lists_what_remains_and_its_price(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		e.createStack("hello-world", "pr-8", 8, "")
		<-time.After(time.Minute)
		j := e.run("opened", oneCommit, "INPUT_COMMAND=sweep")
		for _, words := range []string{"| pr-7 | 4m ago | 1.20 | kept: pull request 7 is open |", `The remaining environments cost about \$1.20 a day (list prices of us-east-1, March 2026).`} {
			if !strings.Contains(j.Summary(), words) {
				t.Errorf("the summary does not say %q:\n%s", words, j.Summary())
			}
		}

		e.GitHub.Close(7, true)
		j = e.run("opened", oneCommit, "INPUT_COMMAND=sweep")
		for _, words := range []string{" | 1.20 | deleted: pull request 7 is merged |", "The remaining environments cost less than "} {
			if !strings.Contains(j.Summary(), words) {
				t.Errorf("the summary does not say %q:\n%s", words, j.Summary())
			}
		}

		e.AWS.Inject(fakeaws.Fault{Operation: "GetTemplate", Status: 403, Code: "AccessDenied", Message: "User: x is not authorized to perform: cloudformation:GetTemplate"})
		e.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "unchanged", "The environments' prices are not known: ")
	})
}

// Stacks with the same names of parameters and outputs are taken to have the same template. It is
// read once for all of them, because there may be thousands.
func TestSweep_reads_one_template_for_stacks_that_are_alike(t *testing.T) {
	inSweepEnv(t, func(t *testing.T, e *env) {
		url := "https://bucket.s3.eu-north-1.amazonaws.com/inner.yaml"
		e.AWS.PutTemplate(url, "Resources: {Logs: {Type: AWS::Logs::LogGroup}}")
		e.createStack("hello-world", "pr-7", 7, "Resources: {Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "+url+"}}}\nOutputs: {Stack: {Value: !Ref Inner}}")
		e.GitHub.Open(7, oneCommit)
		<-time.After(5 * time.Minute)
		j := e.run("opened", oneCommit, "INPUT_DRY-RUN=true")
		if want := "not counting AWS::CloudFormation::Stack"; !strings.Contains(j.Summary(), want) {
			t.Errorf("the summary does not say %q:\n%s", want, j.Summary())
		}
		if n := e.called("GetTemplate"); n != 2 {
			t.Errorf("%d templates were read, want one with outputs and one without", n)
		}

		// A stack that is deleted meanwhile does not hide the price of the others.
		e.AWS.Inject(fakeaws.Fault{Operation: "GetTemplate", Times: 1, Code: "ValidationError", Message: "Stack with id hello-world-pr-1 does not exist"})
		j = e.run("opened", oneCommit, "INPUT_DRY-RUN=true")
		if strings.Contains(j.Log(), "prices are not known") || !strings.Contains(j.Summary(), "| pr-1 | 6m ago |  | kept: ") || !strings.Contains(j.Summary(), "| pr-6 | 6m ago | 0.00 | kept: ") {
			t.Errorf("want the prices of all stacks but pr-1, and no message that the prices are not known:\n%s\n%s", j.Log(), j.Summary())
		}

		// If CloudFormation refuses to return a template, it is called and logged only once.
		before := e.called("GetTemplate")
		e.AWS.Inject(fakeaws.Fault{Operation: "GetTemplate", Status: 403, Code: "AccessDenied", Message: "User: x is not authorized to perform: cloudformation:GetTemplate"})
		j = e.run("opened", oneCommit, "INPUT_DRY-RUN=true")
		if calls, lines := e.called("GetTemplate")-before, strings.Count(j.Log(), "The environments' prices are not known: "); calls != 1 || lines != 1 {
			t.Errorf("GetTemplate was called %d times and the refusal logged %d times, want once each:\n%s", calls, lines, j.Log())
		}
	})
}

// called counts the calls of an operation so far.
func (e *env) called(operation string) (n int) {
	for _, call := range e.AWS.Calls() {
		if call.Operation == operation {
			n++
		}
	}
	return n
}

// A stack whose creation failed, or has not begun, is empty and costs nothing. A stack whose update
// was rolled back costs as much as before.
func TestSweep_price_depends_on_the_status(t *testing.T) {
	t.Parallel()
	inEnv(t, func(t *testing.T, e *env) {
		e.run("opened", oneCommit).want(t, 0, "created", "")
		for status, daily := range map[string]string{"ROLLBACK_COMPLETE": "0.00", "REVIEW_IN_PROGRESS": "0.00", "UPDATE_ROLLBACK_COMPLETE": "1.20"} {
			e.AWS.SetStatus("hello-world-pr-7", status, "")
			j := e.run("opened", oneCommit, "INPUT_COMMAND=sweep")
			if !strings.Contains(j.Summary(), "| "+daily+" | kept: pull request 7 is open |") {
				t.Errorf("the summary does not say that a stack in %s costs %s USD:\n%s", status, daily, j.Summary())
			}
		}
	})
}
