package report

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/environment"
)

// No two environments share a comment, whether they belong to the same service or not.
func TestMarker_is_different_for_each_environment(t *testing.T) {
	list := []environment.Environment{
		environment.ForPullRequest("hello", 7), environment.ForPullRequest("hello", 71),
		environment.ForPullRequest("hello", 8), environment.ForPullRequest("other", 7),
	}
	for i, a := range list {
		for j, b := range list {
			if got := strings.HasPrefix(Marker(a), Marker(b)); got != (i == j) {
				t.Errorf("Marker(%v) begins with Marker(%v): %t", a, b, got)
			}
		}
	}
}

// Comments by older versions have no state. They are found by the same marker.
func TestMarker_finds_older_comments(t *testing.T) {
	e := environment.ForPullRequest("hello", 7)
	old := "<!-- pr-stack hello pr-7 -->\n### ✅ hello pr-7 is up (created)\n"
	if !strings.HasPrefix(old, Marker(e)) || ReadState(old) != (State{}) {
		t.Errorf("Marker = %q and state %v, want it to find %q without a state", Marker(e), ReadState(old), old)
	}
}

func TestReadState_reads_what_a_comment_holds(t *testing.T) {
	r := run("", "")
	r.RunURL = "https://ghe.example/a--b---c-->{}<!--/actions/runs/42"
	before := State{Stack: "hello--world", Since: "2026-11-24T12:00:00Z"}
	comment := CommentDeploying(r, &Previous{URL: siteURL}, before)
	want := before
	want.State, want.URL, want.Commit, want.Run = Deploying, siteURL, commit, r.RunURL
	if diff := cmp.Diff(want, ReadState(comment)); diff != "" {
		t.Errorf("ReadState (-want +got):\n%s", diff)
	}
	line, _, _ := strings.Cut(comment, "\n")
	inner := strings.TrimSuffix(strings.TrimPrefix(line, "<!--"), "-->")
	if strings.Contains(inner, "--") || strings.Contains(inner, ">") {
		t.Errorf("the HTML comment may end early: %s", line)
	}
	for _, broken := range []string{"", "{", "<!-- pr-stack hello pr-7 {\"state\": -->", "<!-- x -->\n{\"state\":\"ready\"}"} {
		if got := ReadState(broken); got != (State{}) {
			t.Errorf("ReadState(%q) = %v, want none", broken, got)
		}
	}
}

func TestStateOf(t *testing.T) {
	before := State{
		State: Deploying, URL: "http://old", Commit: earlier, Stack: "old", Since: "2026-01-01T00:00:00Z", Run: "https://ci/1",
	}
	noStack := with(crashed(), func(d *Deployment) { d.Stack = Stack{Name: "hello-world-pr-7"} })
	for name, test := range map[string]struct {
		result Result
		want   State
	}{
		"ready": {up(), State{
			State: "ready", URL: siteURL, Commit: commit, Stack: "hello-world-pr-7", Since: "2026-11-24T12:00:00Z", Run: runURL,
		}},
		"failed": {noStack, State{
			State: "failed", URL: siteURL, Commit: commit, Stack: "hello-world-pr-7", Since: "2026-01-01T00:00:00Z", Run: runURL,
		}},
		"deleted": {
			&Destruction{Run: run(Gone, Deleted), Stack: stack()},
			State{State: "deleted", Commit: earlier, Run: "https://ci/1"},
		},
	} {
		if diff := cmp.Diff(test.want, stateOf(test.result, before)); diff != "" {
			t.Errorf("%s: state (-want +got):\n%s", name, diff)
		}
	}
}

// A program reads the marker and the output environments with the same names.
func TestState_has_the_names_of_Placed(t *testing.T) {
	names := func(v any) (list []string) {
		for field := range reflect.TypeOf(v).Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			list = append(list, name)
		}
		return list
	}
	placed := names(Placed{})
	for _, name := range names(State{}) {
		if own := name == "run" || strings.HasPrefix(name, "live"); own == slices.Contains(placed, name) {
			t.Errorf("State has %s, and Placed has %v", name, placed)
		}
	}
}

// Another bot can be made to write a comment with our marker, and any state in it.
func TestComment_links_to_no_run_but_this_repositorys(t *testing.T) {
	for _, foreign := range []string{
		"https://evil.example/actions/runs/42", "https://github.com.evil.example/octo-org/hello-world/actions/runs/42",
		"https://github.com/stranger/hello-world/actions/runs/42", "javascript:alert(1)",
	} {
		r := &Destruction{Run: run(Gone, Deleted), StaleFor: 24 * time.Hour}
		got := Comment(r, State{State: "ready", Run: foreign})
		if _, body, _ := strings.Cut(got, "\n"); strings.Contains(body, "](") || !strings.Contains(body, "re-run the last deployment, to") {
			t.Errorf("Comment after a state with the run %s links to it:\n%s", foreign, body)
		}
	}
}
