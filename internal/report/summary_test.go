package report

import (
	"strings"
	"testing"
	"time"

	"pr-stack/internal/environment"
	"pr-stack/internal/price"
)

func TestSummary(t *testing.T) {
	production := func(r Run) Run {
		r.Environment = environment.Permanent("hello-world", "production")
		return r
	}
	skipped := run(Skipped, "")
	skipped.Reason = "the action labeled changes no code"
	gone := run(Gone, Deleted)
	swept := &Sweep{Run: Run{Environment: environment.Environment{Service: "hello-world"}, Ending: Gone}, Environments: []Swept{
		{environment.ForPullRequest("hello-world", 3), 3 * time.Hour, &price.Estimate{Daily: 1.2}, SweepKept, "pull request 3 is open"},
		{environment.ForPullRequest("hello-world", 7), 72 * time.Hour, nil, SweepDeleted, "pull request 7 is merged"},
	}, Cost: &price.Estimate{Daily: 1.2, Without: []string{"AWS::RDS::DBInstance"}}}
	dry := *swept
	dry.DryRun = true
	dry.Environments = append([]Swept(nil), swept.Environments...)
	dry.Environments[1].Outcome = SweepWouldDelete
	for name, r := range map[string]Result{
		"summary-ready":   up(),
		"summary-failed":  crashed(),
		"summary-skipped": &Deployment{Run: skipped},
		"summary-deleted": &Destruction{Run: gone, Stack: Stack{Name: "hello-world-pr-7"}, Images: 3},
		"summary-production": with(crashed(), func(d *Deployment) {
			d.Run, d.Bars, d.Phases = production(d.Run), nil, nil
		}),
		"summary-base": &Bootstrap{
			Run:   Run{Environment: swept.Environment, Ending: Up, Status: Updated, Region: "us-west-2"},
			Stack: Stack{Name: "hello-world-base"},
			Plan: []PlannedStack{{Name: "hello-world-base", What: "will be updated", Changes: []PlannedChange{
				{"create", "LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", nil},
				{"replace", "PublicSubnetA", "AWS::EC2::Subnet", []string{"CidrBlock", "VpcId"}},
			}}},
			Idle:   &price.Estimate{Daily: 0.78},
			Source: "octo-org/hello-world",
			Roles:  []Role{{Name: "preview", Variable: "PR_STACK_ROLE", ARN: "arn:aws:iam::123456789012:role/preview"}},
		},
		"summary-base-refused": &Bootstrap{
			Run:   Run{Environment: swept.Environment, Ending: Skipped, Reason: "nothing was changed: the answer was not yes"},
			Stack: Stack{Name: "hello-world-base"},
			Plan:  []PlannedStack{{Name: "hello-world-base", What: "will be updated: its outputs change, and no resource"}},
		},
		"summary-sweep":     swept,
		"summary-sweep-dry": &dry,
		"summary-doctor": &Doctor{Run: Run{Environment: swept.Environment, Ending: Failed}, Trust: "{}", Checks: []Check{
			{Group: "AWS", Name: "region", Found: CheckOK, Text: "eu-north-1"},
			{Group: "Permissions", Name: "ecs:CreateService", Found: CheckMissing, Text: "no policy of R allows it", Fix: "give R the statement Services"},
			{Group: "AWS", Name: "account", Found: CheckWarning, Text: "could not be checked: no_answer", Fix: "run doctor again"},
		}},
		"summary-refused": &Refusal{Run: Run{Ending: Failed, Repository: "octo-org/hello-world"}, Command: "deploy", Failures: []Failure{
			{Message: `input timeout-in-minutes: "soon" is not a number`, Hint: "set it to minutes, such as 30"},
			{Message: `input aws-region: "xx" is not a valid region`, Hint: "set it to one such as eu-north-1"},
		}},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, Summary(r)) })
	}
}

func TestSummary_is_never_too_long(t *testing.T) {
	long := strings.Repeat("ü`", maxSummary)
	swept := &Sweep{Run: run(Failed, "")}
	for range 20_000 {
		swept.Environments = append(swept.Environments, Swept{Outcome: SweepFailed, Why: long[:300]})
	}
	for name, r := range map[string]Result{
		"what failed": with(crashed(), func(d *Deployment) { d.Failure.Message = long }),
		"a name":      with(up(), func(d *Deployment) { d.Stack.Outputs = map[string]string{"LogGroupName": long} }),
		"a hint":      with(crashed(), func(d *Deployment) { d.Failure.Hint = long }),
		"a reason":    with(up(), func(d *Deployment) { d.Ending, d.Reason = Skipped, long }),
		"a sweep":     swept,
	} {
		if got := len(Summary(r)); got > maxSummary {
			t.Errorf("Summary with %s has %d bytes, want at most %d", name, got, maxSummary)
		}
	}
}

// The console's address depends on the region's partition.
func TestSummary_links_to_the_console(t *testing.T) {
	for region, want := range map[string]string{
		"eu-north-1": "[stack](<https://eu-north-1.console.aws.amazon.com/cloudformation/home?region=eu-north-1" +
			"#/stacks/stackinfo?stackId=arn%3Aaws%3A",
		"us-gov-west-1": "[stack](<https://us-gov-west-1.console.amazonaws-us-gov.com/cloudformation/",
		"cn-north-1":    "[stack](<https://cn-north-1.console.amazonaws.cn/cloudformation/",
	} {
		d := up()
		d.Region = region
		if got := Summary(d); !strings.Contains(got, want) {
			t.Errorf("Summary has no link %s:\n%s", want, got)
		}
	}
	got := Summary(up())
	want := "[logs](<https://eu-north-1.console.aws.amazon.com/cloudwatch/home?region=eu-north-1" +
		"#logsV2:log-groups/log-group/$252Fpr-stack$252Fhello-world-pr-7>)"
	if !strings.Contains(got, want) {
		t.Errorf("Summary has no link %s:\n%s", want, got)
	}
}

func TestSummary_escapes_what_others_wrote(t *testing.T) {
	d := up()
	d.Phases[0].Name, d.Phases[0].Note = "a | b", "<img src=x> @octocat [x](y)"
	d.Proof = []string{"<img> `x`"}
	d.URL = "javascript:alert(1)"
	got := Summary(d)
	for _, bad := range []string{"<img", "@octocat", "[x](y)", "](<javascript:", "| a | b |"} {
		if strings.Contains(got, bad) {
			t.Errorf("Summary holds %q:\n%s", bad, got)
		}
	}
}

// Only a pull request's environment is a preview; no text calls production a preview.
func TestTexts_about_production_say_nothing_of_a_preview(t *testing.T) {
	failed := crashed()
	failed.NothingUp = true
	for _, r := range []Result{
		up(), failed, &Deployment{Run: run(Interrupted, "")}, &Deployment{Run: run(Skipped, ""), Comment: true},
		&Destruction{Run: run(Gone, Deleted)}, &Destruction{Run: run(Gone, Absent)},
		&Destruction{Run: run(Failed, "")}, &Destruction{Run: run(Interrupted, "")},
	} {
		r.Common().Environment = environment.Permanent("hello-world", "production")
		for _, text := range []string{Summary(r), Line(r)} {
			if strings.Contains(strings.ToLower(text), "preview") {
				t.Errorf("it is called a preview:\n%s", text)
			}
		}
	}
}

func TestLine(t *testing.T) {
	sweep := func(dry bool, outcomes ...Outcome) *Sweep {
		s := &Sweep{Run: run(Gone, ""), DryRun: dry}
		for _, o := range outcomes {
			s.Environments = append(s.Environments, Swept{Outcome: o})
		}
		return s
	}
	plain := func(took time.Duration) *Deployment {
		return with(up(), func(d *Deployment) { d.URL, d.Took = "", took })
	}
	for want, r := range map[string]Result{
		"hello-world pr-7 is up (created), after 5m20s: " + siteURL: up(),
		"hello-world pr-7 is up (created), after 1.0s.":             plain(time.Second),
		"hello-world pr-7 is up (created).":                         plain(900 * time.Millisecond),
		"hello-world pr-7 is deleted, after 5m20s.":                 &Destruction{Run: run(Gone, Deleted)},
		"hello-world pr-7: there was nothing to delete.":            &Destruction{Run: run(Gone, Absent)},
		"Base stack b: unchanged.":                                  &Bootstrap{Run: run(Up, Unchanged), Stack: Stack{Name: "b"}},
		"Skipped: Nothing changed.": with(up(), func(d *Deployment) {
			d.Ending, d.Reason = Skipped, "nothing changed"
		}),
		"Environments of hello-world: none.": sweep(false),
		"Environments of hello-world: 1 deleted, 2 kept, 1 could not be deleted.": sweep(false,
			SweepDeleted, SweepKept, SweepKept, SweepFailed),
		"Environments of hello-world (dry run): 1 would be deleted, 1 kept.": sweep(true,
			SweepWouldDelete, SweepKept),
		"Environments of hello-world: 0 deleted, 1 kept, 1 scaled to 0 tasks.": sweep(false, SweepScaled, SweepKept),
		"Environments of hello-world (dry run): 0 would be deleted, 0 kept, 1 would be scaled to 0 tasks.": sweep(true,
			SweepWouldScale),
	} {
		if got := Line(r); got != want {
			t.Errorf("Line = %q, want %q", got, want)
		}
	}
}
