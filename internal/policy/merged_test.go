package policy

import (
	"testing"
	"time"

	"pr-stack/internal/environment"
)

func TestAfterMerge(t *testing.T) {
	const stays = "pull request 7 was merged, and may be promoted: its environment stays; sweep deletes it 24 hours after the merge unless it serves production"
	for _, test := range []struct {
		merged, promotable bool
		want               string
	}{
		{true, true, stays}, {true, false, ""}, {false, true, ""}, {false, false, ""},
	} {
		got := AfterMerge(7, test.merged, test.promotable)
		if reason(got) != test.want || got != nil && !got.Comment {
			t.Errorf("AfterMerge(7, %v, %v) = %+v, want %q, said in the comment", test.merged, test.promotable, got, test.want)
		}
	}
}

func TestExpired_of_what_may_be_promoted(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	repository := environment.Repository{Name: "octo-org/hello"}
	never := SweepLimits{Repository: repository}
	promotable := SweepLimits{Repository: repository, Promotable: true}
	merged := func(ago time.Duration) Pull {
		return Pull{Pull: &PullRequest{Number: 7, Merged: true, MergedAt: now.Add(-ago)}}
	}
	closed, open := Pull{Pull: &PullRequest{Number: 7}}, Pull{Pull: &PullRequest{Number: 7, Open: true}}
	serves := Standing{Stays: "it serves production (generation 3)"}
	retired := Standing{Retired: "generation 2, out of production since then"}
	for _, test := range []struct {
		name      string
		standing  Standing
		protected bool
		limits    SweepLimits
		pull      Pull
		expired   bool
		why       string
		needs     bool
	}{
		{"nothing is promoted", Standing{}, false, never, merged(time.Hour), true, "pull request 7 is merged", true},
		{"it may be promoted", Standing{}, false, promotable, merged(3 * time.Hour), false, "pull request 7 was merged 3h ago, and may be promoted until 24h after that", true},
		{"until a day is over", Standing{}, false, promotable, merged(24*time.Hour - 1), false, "pull request 7 was merged 23h ago, and may be promoted until 24h after that", true},
		{"then it goes", Standing{}, false, promotable, merged(24 * time.Hour), true, "pull request 7 was merged more than 24h ago, and was not promoted", true},
		{"its image was promoted", Standing{Promoted: true}, false, promotable, merged(time.Hour), true, "pull request 7 is merged, and its image was promoted", true},
		{"closed, not merged", Standing{}, false, promotable, closed, true, "pull request 7 is closed", true},
		{"when it was merged is not known", Standing{}, false, promotable, Pull{Pull: &PullRequest{Number: 7, Merged: true}}, true, "pull request 7 was merged more than 24h ago, and was not promoted", true},
		{"it serves production", serves, true, promotable, merged(999 * time.Hour), false, "it serves production (generation 3)", false},
		{"it serves without protection", serves, false, promotable, closed, false, "it serves production (generation 3)", false},
		{"it is protected for another reason", Standing{}, true, promotable, merged(999 * time.Hour), false, "its termination protection is on", false},
		{"it is out of production", retired, true, promotable, merged(999 * time.Hour), true, "it was generation 2, out of production since then", true},
		{"it is out of production, and open", retired, true, promotable, open, false, "pull request 7 is open", true},
	} {
		c := Candidate{Number: 7, Stack: "hello-pr-7", Repository: repository, Protected: test.protected, Changed: now.Add(-time.Hour), Standing: test.standing}
		if expired, why := Expired(c, test.limits, test.pull, now); expired != test.expired || why != test.why {
			t.Errorf("%s: Expired = %v, %q, want %v, %q", test.name, expired, why, test.expired, test.why)
		}
		if got := NeedsPull(c, test.limits, false, now); got != test.needs {
			t.Errorf("%s: NeedsPull = %v, want %v", test.name, got, test.needs)
		}
		c.Repository = environment.Repository{Name: "other-org/hello"}
		if expired, why := Expired(c, test.limits, test.pull, now); expired || IsOurs(c, test.limits) {
			t.Errorf("%s: another repository's expired: %s", test.name, why)
		}
	}
}
