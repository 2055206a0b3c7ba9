package aws_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// withFunction creates a base stack that offers functions, and a stack with one.
func withFunction(t *testing.T, options fakeaws.Options, change func(body string) string, test func(s *site)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(options)
		s := &site{T: t, AWS: account, cfn: cloudformation.NewFromConfig(account.Config()),
			ecs: ecs.NewFromConfig(account.Config()), elb: elbv2.NewFromConfig(account.Config())}
		s.create("base", template.Base, map[string]string{"Service": "hello", "Lambda": "true"})
		<-time.After(5 * time.Minute)
		s.base = s.outputs("base")
		s.create("hello-pr-7", change(template.Lambda), s.functionValues(s.image("x")))
		test(s)
	})
}

func (s *site) functionValues(image string) map[string]string {
	values := map[string]string{"ImageUri": image, "Service": "hello", "Environment": "pr-7"}
	for _, name := range []string{"VpcId", "PublicSubnetIds", "FunctionRoleArn"} {
		values[name] = s.base[name]
	}
	return values
}

func asItIs(body string) string { return body }

// describe returns the stack's function.
func (s *site) describe() *lambda.GetFunctionOutput {
	s.Helper()
	answer, err := lambda.NewFromConfig(s.Config()).GetFunction(s.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(s.outputs("hello-pr-7")["FunctionName"])})
	if err != nil {
		s.Fatalf("GetFunction = %v", err)
	}
	return answer
}

func (s *site) functionLog(group string) (lines []string) {
	s.Helper()
	answer, err := cloudwatchlogs.NewFromConfig(s.Config()).FilterLogEvents(s.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	if err != nil {
		s.Fatalf("FilterLogEvents = %v", err)
	}
	for _, e := range answer.Events {
		lines = append(lines, *e.Message)
	}
	return lines
}

// byImage makes each function answer with the name of its image.
func byImage(image string, _ map[string]string) fakeaws.Function {
	return fakeaws.Function{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.Method + " " + r.URL.String() + " " + image))
	})}
}

func TestFunction_answers_with_the_old_code_until_it_is_updated(t *testing.T) {
	withFunction(t, fakeaws.Options{Function: byImage}, asItIs, func(s *site) {
		if status := s.wait(); status != "CREATE_COMPLETE" {
			s.Fatalf("the stack is in %s", status)
		}
		first := s.describe()
		if _, body := s.get(); !strings.HasSuffix(body, " "+*first.Code.ResolvedImageUri) || !strings.HasPrefix(body, "GET http://") {
			s.Errorf("GET = %q, want the image's answer", body)
		}
		next := s.functionValues(s.image("y"))
		_, err := s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
			StackName: aws.String("hello-pr-7"), TemplateBody: &template.Lambda, Parameters: parameters(next),
		})
		if err != nil {
			s.Fatal(err)
		}
		<-time.After(4 * time.Second)
		if now := s.describe(); now.Configuration.LastUpdateStatus != "InProgress" {
			s.Errorf("during the update LastUpdateStatus is %s, want InProgress", now.Configuration.LastUpdateStatus)
		}
		if _, body := s.get(); !strings.HasSuffix(body, *first.Code.ResolvedImageUri) {
			s.Errorf("during the update GET = %q, want the old code's answer", body)
		}
		s.wait()
		now := s.describe()
		if _, body := s.get(); !strings.HasSuffix(body, next["ImageUri"]) || *now.Code.ResolvedImageUri != next["ImageUri"] ||
			!strings.HasSuffix(next["ImageUri"], "@sha256:"+*now.Configuration.CodeSha256) || now.Configuration.LastUpdateStatus != "Successful" {
			s.Errorf("after the update GET = %q, %+v, want the new code's answer", body, now)
		}
	})
}

// A target group of a function has no health checks, and its state says so.
func TestFunction_is_a_target_without_health_checks(t *testing.T) {
	withFunction(t, fakeaws.Options{}, asItIs, func(s *site) {
		s.wait()
		groups, err := s.elb.DescribeTargetGroups(s.Context(), &elbv2.DescribeTargetGroupsInput{})
		if err != nil {
			s.Fatal(err)
		}
		health, err := s.elb.DescribeTargetHealth(s.Context(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: groups.TargetGroups[0].TargetGroupArn})
		if err != nil || len(health.TargetHealthDescriptions) != 1 {
			s.Fatalf("DescribeTargetHealth = %v, %v, want one target", health, err)
		}
		if got := health.TargetHealthDescriptions[0]; got.TargetHealth.State != "unavailable" || got.TargetHealth.Reason != "Target.HealthCheckDisabled" ||
			!strings.HasPrefix(*got.Target.Id, "arn:aws:lambda:") {
			s.Errorf("the target is %+v", got)
		}
	})
}

func TestFunction_that_fails_is_a_bad_gateway(t *testing.T) {
	fails := func(string, map[string]string) fakeaws.Function {
		return fakeaws.Function{Log: []string{"no module"}, Fails: &fakeaws.InitError{Type: "Runtime.ExitError", Message: "Runtime exited with error: exit status 1"}}
	}
	hangs := func(string, map[string]string) fakeaws.Function { return fakeaws.Function{Duration: time.Hour} }
	for name, test := range map[string]struct {
		function func(string, map[string]string) fakeaws.Function
		change   func(string) string
		took     time.Duration
		log      []string
	}{
		"its code ends":  {fails, asItIs, 0, []string{"no module", "Error Type: Runtime.ExitError", "Runtime exited with error: exit status 1"}},
		"its time is up": {hangs, asItIs, 30 * time.Second, []string{"Task timed out after 30.00 seconds"}},
		// Lambda itself loses the log then.
		"its role may not write": {fails, func(body string) string {
			return strings.Replace(body, "LogGroupName: !Sub /pr-stack/${AWS::StackName}", "LogGroupName: !Sub /other/${AWS::StackName}", 1)
		}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			withFunction(t, fakeaws.Options{Function: test.function}, test.change, func(s *site) {
				s.wait()
				began := time.Now()
				status, _ := s.get()
				if took := time.Since(began); status != http.StatusBadGateway || took != test.took {
					s.Errorf("GET = %d after %s, want 502 after %s", status, took, test.took)
				}
				if test.log == nil {
					if log := s.functionLog("/other/hello-pr-7"); len(log) > 0 {
						s.Errorf("the log is %q, want none", log)
					}
					return
				}
				log := strings.Join(s.functionLog("/pr-stack/hello-pr-7"), "\n")
				for _, want := range test.log {
					if !strings.Contains(log, want) {
						s.Errorf("the log has no %q:\n%s", want, log)
					}
				}
			})
		})
	}
}

// Without the permission, no target group can have the function.
func TestFunction_without_a_permission_is_refused_as_a_target(t *testing.T) {
	foreign := func(body string) string {
		return strings.Replace(body, "SourceAccount: !Ref AWS::AccountId", `SourceAccount: "111122223333"`, 1)
	}
	withFunction(t, fakeaws.Options{}, foreign, func(s *site) {
		s.wait()
		events, err := s.cfn.DescribeStackEvents(s.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("hello-pr-7")})
		if err != nil {
			s.Fatal(err)
		}
		for _, e := range events.StackEvents {
			if strings.Contains(aws.ToString(e.ResourceStatusReason), "elasticloadbalancing principal does not have permission to invoke arn:aws:lambda:") {
				return
			}
		}
		s.Error("the target group was created")
	})
}
