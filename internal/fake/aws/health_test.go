package aws_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

func TestTargetHealth_of_what_does_not_answer(t *testing.T) {
	for name, test := range map[string]struct {
		container fakeaws.Container
		want      string
	}{
		"listens on another port": {fakeaws.Container{Port: 3000}, "Target.FailedHealthChecks Health checks failed"},
		"listens too late":        {fakeaws.Container{StartDelay: time.Hour}, "Target.FailedHealthChecks Health checks failed"},
		"hangs":                   {fakeaws.Container{Hang: true}, "Target.Timeout Request timed out"},
		"another status":          {fakeaws.Container{Handler: http.NotFoundHandler()}, "Target.ResponseCodeMismatch Health checks failed with these codes: [404]"},
	} {
		t.Run(name, func(t *testing.T) {
			onSite(t, fakeaws.Options{Container: func(string, map[string]string) fakeaws.Container { return test.container }}, func(s *site) {
				s.create("hello-pr-7", template.Fargate, s.values(s.image("x")))
				for range 400 {
					if got := s.unhealthy(); got != "" {
						if got != test.want {
							s.Errorf("unhealthy for %q, want %q", got, test.want)
						}
						return
					}
					<-time.After(time.Second)
				}
				s.Error("no target is ever unhealthy")
			})
		})
	}
}

// unhealthy returns why a target is unhealthy, or "".
func (s *site) unhealthy() string {
	s.Helper()
	groups, err := s.elb.DescribeTargetGroups(s.Context(), &elbv2.DescribeTargetGroupsInput{})
	if err != nil {
		s.Fatal(err)
	}
	for _, g := range groups.TargetGroups {
		health, err := s.elb.DescribeTargetHealth(s.Context(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
		if err != nil {
			s.Fatal(err)
		}
		for _, h := range health.TargetHealthDescriptions {
			if h.TargetHealth.State == "unhealthy" {
				return string(h.TargetHealth.Reason) + " " + aws.ToString(h.TargetHealth.Description)
			}
		}
	}
	return ""
}
