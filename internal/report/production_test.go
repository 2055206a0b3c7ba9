package report

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/environment"
	"pr-stack/internal/release"
)

func TestSummary_of_production(t *testing.T) {
	for name, r := range map[string]Result{
		"summary-promoted":    promoted(),
		"summary-returned":    badRelease(),
		"summary-unknown":     failed(unknown(promoted())),
		"summary-rolled-back": rolledBack(),
		"summary-locked":      lockedOut(),
		"summary-status":      overview(),
		"summary-change-set": with(up(), func(d *Deployment) {
			d.Environment, d.Bars, d.Phases = environment.Permanent("hello-world", "production"), nil, nil
			d.Changes = changes()
		}),
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, Summary(r)) })
	}
}

func TestComment_about_production(t *testing.T) {
	replaced := promoted()
	again := rolledBack()
	first := with(promoted(), func(r *Promotion) { r.From, r.Live.Previous = release.Generation{}, 0 })
	for name, got := range map[string]string{
		"comment-live":          CommentLive(promoted()),
		"comment-live-first":    CommentLive(first),
		"comment-live-again":    CommentLive(again),
		"comment-was-live":      CommentWasLive(replaced, State{}),
		"comment-rolled-back":   CommentWasLive(again, State{}),
		"comment-not-live":      CommentLive(badRelease()),
		"comment-live-unknown":  CommentLive(failed(unknown(promoted()))),
		"comment-live-and-lost": CommentLive(failed(promoted())),
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, got) })
	}
}

// A generation's time may be in the comment alone. Anybody may have made a bot write that.
func TestCommentWasLive_reads_the_comment_before(t *testing.T) {
	r := rolledBack()
	r.From.Since, r.From.Until = time.Time{}, after(60)
	for want, before := range map[string]State{
		" was live from 2026-11-24 11:00 to 12:01 UTC.":   {Generation: 5, LiveFrom: "2026-11-24T11:00:00Z"},
		" was live until 2026-11-24 12:01 UTC.":           {Generation: 4, LiveFrom: "2026-11-24T11:00:00Z"},
		"](<https://github.com/octo-org/hello-world/comm": {Generation: 5, LiveFrom: "<script>"},
	} {
		if got := CommentWasLive(r, before); !strings.Contains(got, want) || strings.Contains(got, "<script>") {
			t.Errorf("CommentWasLive after %v has no %q:\n%s", before, want, got)
		}
	}
	r.From.Since, r.From.Until = noon, noon.Add(50*time.Hour)
	if got := CommentWasLive(r, State{}); !strings.Contains(got, " from 2026-11-24 12:00 UTC to 2026-11-26 14:00 UTC.") {
		t.Errorf("CommentWasLive of two days:\n%s", got)
	}
}

// Nobody edits the comment when production is unlocked.
func TestCommentLive_does_not_say_that_production_is_locked_now(t *testing.T) {
	for _, comment := range []string{CommentLive(rolledBack()), CommentLive(badRelease()), CommentWasLive(rolledBack(), State{})} {
		if strings.Contains(comment, "is locked") || !strings.Contains(comment, "was locked at 2026-11-24 12:") {
			t.Errorf("the comment is:\n%s", comment)
		}
	}
}

// The comment about production is another one than that about the preview.
func TestCommentLive_has_a_marker_of_its_own(t *testing.T) {
	preview := Marker(environment.ForPullRequest("hello-world", 10))
	for _, comment := range []string{CommentLive(promoted()), CommentLive(badRelease()), CommentWasLive(rolledBack(), State{})} {
		if strings.HasPrefix(comment, preview) || !strings.HasPrefix(comment, Marker(promoted().Environment)) {
			t.Errorf("the comment begins with %s", comment)
		}
	}
	want := State{
		State: "was live", Commit: commit, Stack: "hello-world-pr-10", Run: runURL, Generation: 5,
		LiveFrom: "2026-11-24T12:09:00Z", LiveUntil: "2026-11-24T12:15:00Z",
	}
	if diff := cmp.Diff(want, ReadState(CommentWasLive(rolledBack(), State{}))); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func changes() []PlannedStack {
	return []PlannedStack{{Name: "hello-world-production", What: "will be updated", Changes: []PlannedChange{
		{"change", "EcsService", "AWS::ECS::Service", []string{"TaskDefinition"}},
		{"replace", "TaskDefinition", "AWS::ECS::TaskDefinition", []string{"ContainerDefinitions"}},
		{"perhaps replace", "Database", "AWS::RDS::DBInstance", []string{"AllocatedStorage"}},
		{"replace", "TargetGroup", "AWS::ElasticLoadBalancingV2::TargetGroup", []string{"Port"}},
		{"delete", "Bucket", "AWS::S3::Bucket", nil},
	}}}
}

// overview returns the environments of a service whose production shifts to generation 5.
func overview() *Overview {
	r := productionRun(Up, "")
	r.Environment = environment.Environment{Service: "hello-world"}
	cost := 1.2
	five, four, three := generation(5, commit), generation(4, earlier), generation(3, earlier)
	five.Since = time.Time{}
	three.Until = four.Since
	return &Overview{
		Run: r, Now: after(3600),
		Environments: []Placed{
			{Environment: "pr-8", PullRequest: 8, State: "ready", URL: siteURL, Commit: earlier, Stack: "hello-world-pr-8",
				Since: "2026-11-20T12:00:00Z", CostPerDay: &cost, Protected: true, Generation: 4},
			{Environment: "pr-10", PullRequest: 10, State: "deploying", Stack: "hello-world-pr-10", Since: "2026-11-24T11:00:00Z"},
		},
		Production: &Served{
			Environment: "production", URL: liveURL, By: release.Listener, Status: release.Shifting, Stable: 4, Candidate: 5,
			Weights:     release.Weights{"hello-world-pr-8": 75, "hello-world-pr-10": 25},
			Generations: []release.Generation{five, four, three},
		},
	}
}

func TestOverview_Lines(t *testing.T) {
	got := strings.Join(overview().Lines(), "\n")
	want := `production https://www.example.com
Requests are shifted from generation 4 (abc1234) to generation 5 (def5678).
Generation     Requests  Commit   Pull request  Stack              Live since            Until
5 (candidate)  25 %      def5678  10            hello-world-pr-10
4              75 %      abc1234  8             hello-world-pr-8   2026-11-22 12:00 UTC
3                        abc1234  6             hello-world-pr-6   2026-11-20 12:00 UTC  2026-11-22 12:00 UTC

Environment  State      Commit   Age     USD a day  Generation  URL
pr-8         ready      abc1234  4 days  1.20       4           ` + siteURL + `
pr-10        deploying           2h`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Lines (-want +got):\n%s", diff)
	}
	if got := (&Overview{}).Lines(); len(got) > 0 {
		t.Errorf("Lines of nothing = %q, want none", got)
	}
}

func TestOverview_says_who_has_the_requests(t *testing.T) {
	for name, test := range map[string]struct {
		served               Served
		sentence, generation string
	}{
		"stable":         {Served{Stable: 4, Status: release.Stable}, "Generation 4 has all requests.", "4"},
		"none":           {Served{}, "No generation has requests.", ""},
		"the first":      {Served{Candidate: 1, Status: release.Shifting}, "Requests are given to generation 1, the first.", ""},
		"shifting":       {Served{Stable: 4, Candidate: 5}, "Requests are shifted from generation 4 to generation 5.", ""},
		"back, by one":   {Served{Stable: 4, Status: release.GoesBack, Candidate: 3}, "A run gives all requests to an earlier generation.", ""},
		"not as written": {Served{Stable: 4, Differs: "the ledger says a, and AWS says b"}, "It is not known which generation has all requests: the ledger says a, and AWS says b.", ""},
	} {
		r := overview()
		r.Production = &test.served
		if got := test.served.sentence(); got != test.sentence {
			t.Errorf("%s: sentence = %q, want %q", name, got, test.sentence)
		}
		if got := valueOf(t, r, "generation"); got != test.generation {
			t.Errorf("%s: output generation = %q, want %q", name, got, test.generation)
		}
	}
}

// A target that is no stack of a generation is a row of its own; two generations of one stack do not both
// have its requests.
func TestOverview_of_unexpected_weights(t *testing.T) {
	r := overview()
	r.Production.Candidate, r.Production.Status = 0, release.Stable
	r.Production.Weights = release.Weights{"hello-world-pr-8": 90, "arn:x": 10}
	r.Production.Generations[2].Stack = "hello-world-pr-8"
	got := strings.Join(columns(r.generations(short)), "\n")
	if strings.Count(got, "90 %") != 1 || !strings.Contains(got, "unknown     10 %") {
		t.Errorf("generations:\n%s", got)
	}
}

func TestOverview_JSON(t *testing.T) {
	var got struct {
		Environments []map[string]any
		Production   map[string]any
	}
	text := valueOf(t, overview(), "environments")
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Environments) != 2 || got.Environments[0]["environment"] != "pr-8" || got.Production["stable"] != 4.0 {
		t.Errorf("JSON = %s", text)
	}
	if got := (&Overview{}).JSON(); got != `{"environments":[],"production":null}` {
		t.Errorf("JSON of nothing = %s", got)
	}
}

// What others wrote is in the candidate's log, in a lock's reason and in a user's template.
func TestPromotion_escapes_what_others_wrote(t *testing.T) {
	evil := "<img src=x> @octocat [x](y) `code` | $x$ $y$"
	r := badRelease()
	r.Failure.Summary, r.Steps[1].Verdict, r.Tested, r.Locked.Reason, r.URL = evil, evil, evil, evil, "javascript:alert(1)"
	r.Locked.By, r.Live.Commit, r.To.Commit, r.Weights = evil, "`]|", "`|", release.Weights{evil: 100}
	r.Changes = changes()
	r.Changes[0].Name = evil
	o := overview()
	o.Production.Differs, o.Production.URL, o.Production.Locked = evil, "javascript:alert(1)", r.Locked
	o.Environments[0].State, o.Environments[0].URL, o.Environments[0].Commit = evil, "https://x/|<", "`|"
	unclear := failed(unknown(badRelease()))
	unclear.Weights = r.Weights
	for _, text := range []string{Summary(r), CommentLive(r), CommentWasLive(r, State{}), Summary(o), Summary(unclear)} {
		_, shown, _ := strings.Cut(text, "\n")
		for _, bad := range []string{"<img", "@octocat", "[x](y)", "](<javascript:", " `code`", "/|<"} {
			if strings.Contains(shown, bad) {
				t.Errorf("it holds %q:\n%s", bad, shown)
			}
		}
	}
}

func TestWeights_draws_only_what_changes(t *testing.T) {
	for name, r := range map[string]*Promotion{
		"one step":  rolledBack(),
		"no steps":  with(promoted(), func(r *Promotion) { r.Steps = nil }),
		"no time":   with(promoted(), func(r *Promotion) { r.Steps = []Step{{Percent: 5}, {Percent: 25}, {Percent: 50}} }),
		"the first": with(promoted(), func(r *Promotion) { r.From = release.Generation{} }),
		"seconds":   with(promoted(), func(r *Promotion) { r.Steps = []Step{{Percent: 5, Began: noon}, {Percent: 100, Began: after(1)}} }),
	} {
		if got := r.weights(); got != "" {
			t.Errorf("weights of %s:\n%s", name, got)
		}
	}
}

func TestWeights_end_with_what_is_in_effect(t *testing.T) {
	for name, test := range map[string]struct {
		result *Promotion
		last   string
	}{
		"promoted":                 {promoted(), ", 50, 100, 100,"},
		"returned":                 {badRelease(), ", 25, -10, -10, -10"},
		"returned, without a step": {with(badRelease(), func(r *Promotion) { r.Steps = r.Steps[:2] }), ", 25, -10, -10, -10"},
		"unknown":                  {with(unknown(promoted()), func(r *Promotion) { r.Steps = r.Steps[:2] }), ", 25, 25]"},
	} {
		if got := test.result.weights(); !strings.Contains(got, test.last) {
			t.Errorf("%s: the weights do not have %q:\n%s", name, test.last, got)
		}
	}
}
