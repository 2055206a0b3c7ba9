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

// One template is read for all stacks of a kind, of which there may be thousands; stacks with other
// outputs are of another kind.
func TestSweep_reads_a_template_of_each_kind(t *testing.T) {
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
			t.Errorf("the log or the summary is not that of one deleted stack:\n%s\n%s", j.Log(), j.Summary())
		}

		// What CloudFormation refuses is requested once, and said once.
		before := e.called("GetTemplate")
		e.AWS.Inject(fakeaws.Fault{Operation: "GetTemplate", Status: 403, Code: "AccessDenied", Message: "User: x is not authorized to perform: cloudformation:GetTemplate"})
		j = e.run("opened", oneCommit, "INPUT_DRY-RUN=true")
		if asked, said := e.called("GetTemplate")-before, strings.Count(j.Log(), "The environments' prices are not known: "); asked != 1 || said != 1 {
			t.Errorf("it was asked %d times, and said %d times, want once each:\n%s", asked, said, j.Log())
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

// There is nothing in a stack that could not be created.
func TestSweep_price_of_an_empty_stack(t *testing.T) {
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
