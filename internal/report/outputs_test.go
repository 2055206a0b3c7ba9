package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutputs(t *testing.T) {
	d := up()
	d.Stack.Outputs = map[string]string{"Url": "http://x", "A": "b\nc"}
	outputs, refused := Outputs(d)
	if len(refused) > 0 {
		t.Errorf("Outputs refused %v, want none", refused)
	}
	want := []Output{
		{"url", siteURL},
		{"environment", "pr-7"},
		{"stack-name", "hello-world-pr-7"},
		{"stack-id", "arn:aws:cloudformation:eu-north-1:123456789012:stack/hello-world-pr-7/6f0a"},
		{"image", "123456789012.dkr.ecr.eu-north-1.amazonaws.com/hello-world@" + digest},
		{"image-digest", digest},
		{"status", "created"},
		{"stack-outputs", `{"A":"b\nc","Url":"http://x"}`},
		{"generation", ""},
		{"environments", ""},
	}
	if diff := cmp.Diff(want, outputs); diff != "" {
		t.Errorf("Outputs differ (-want +got):\n%s", diff)
	}
}

func TestOutputs_refuse_a_line_break(t *testing.T) {
	d := up()
	d.URL = "http://x\nstatus=deleted"
	outputs, refused := Outputs(d)
	if diff := cmp.Diff([]string{"url"}, refused); diff != "" {
		t.Errorf("refused differ (-want +got):\n%s", diff)
	}
	for _, o := range outputs {
		if o.Name == "url" {
			t.Errorf("Outputs has url = %q, want it left out", o.Value)
		}
	}
}

// A workflow reads the status and the URL of each kind of result.
func TestOutputs_of_every_ending(t *testing.T) {
	swept := func(outcomes ...Outcome) *Sweep {
		s := &Sweep{Run: run(Gone, "")}
		for _, o := range outcomes {
			s.Environments = append(s.Environments, Swept{Outcome: o})
		}
		return s
	}
	previous := &Previous{Commit: earlier, URL: "http://old"}
	for name, test := range map[string]struct {
		result      Result
		status, url string
	}{
		"up":                      {up(), "created", siteURL},
		"up, at another URL":      {with(up(), func(d *Deployment) { d.StillUp = previous }), "created", siteURL},
		"failed, one before":      {with(crashed(), func(d *Deployment) { d.StillUp = previous }), "", "http://old"},
		"failed, new code is up":  {with(crashed(), func(d *Deployment) { d.StillUp, d.URL = nil, siteURL }), "", siteURL},
		"failed, nothing":         {with(crashed(), func(d *Deployment) { d.StillUp = nil }), "", ""},
		"interrupted, one before": {with(up(), func(d *Deployment) { d.Ending, d.StillUp = Interrupted, previous }), "", "http://old"},
		"skipped":                 {with(up(), func(d *Deployment) { d.Ending, d.StillUp = Skipped, previous }), "skipped", ""},
		"deleted":                 {&Destruction{Run: run(Gone, Deleted)}, "deleted", ""},
		"absent":                  {&Destruction{Run: run(Gone, Absent)}, "absent", ""},
		"not deleted":             {&Destruction{Run: run(Failed, Deleted)}, "", ""},
		"base stack":              {&Bootstrap{Run: run(Up, Updated)}, "updated", ""},
		"refused":                 {&Refusal{Run: run(Failed, "")}, "", ""},
		"sweep of none":           {swept(), "absent", ""},
		"sweep that keeps":        {swept(SweepKept), "unchanged", ""},
		"dry sweep":               {swept(SweepWouldDelete, SweepKept), "unchanged", ""},
		"sweep that scales":       {swept(SweepKept, SweepScaled), "updated", ""},
		"dry sweep of tasks":      {swept(SweepWouldScale, SweepKept), "unchanged", ""},
		"sweep that deletes":      {swept(SweepKept, SweepDeleted), "deleted", ""},
	} {
		got := map[string]string{}
		outputs, _ := Outputs(test.result)
		for _, o := range outputs {
			got[o.Name] = o.Value
		}
		if got["status"] != test.status || got["url"] != test.url || got["stack-outputs"] == "" {
			t.Errorf("%s: status %q, url %q, want %q and %q", name, got["status"], got["url"], test.status, test.url)
		}
	}
}
