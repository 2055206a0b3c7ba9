package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/environment"
)

// State is the part of a comment that programs read: JSON in the comment's hidden first line. What it has in
// common with Placed has the same name there.
type State struct {
	// State is deploying, ready, failed, interrupted, deleted or skipped; of the comment about production it is
	// live, was live, failed or interrupted.
	State  string `json:"state"`
	URL    string `json:"url,omitempty"`
	Commit string `json:"commit,omitempty"` // that the comment is about
	Stack  string `json:"stack,omitempty"`  // its name
	Since  string `json:"since,omitempty"`  // when the stack was created, in RFC 3339
	Run    string `json:"run,omitempty"`    // the URL of the last run that deployed

	Generation int    `json:"generation,omitempty"` // of production
	LiveFrom   string `json:"liveFrom,omitempty"`   // since when it had all requests, in RFC 3339
	LiveUntil  string `json:"liveUntil,omitempty"`  // until when; "" if it still has them
}

// Deploying is the State of a comment whose run has not ended.
const Deploying = "deploying"

// Marker returns the invisible beginning of an environment's comment, by which the comment is found
// again. The comment's State follows the marker; comments of older versions have no State.
func Marker(e environment.Environment) string {
	return fmt.Sprintf("<!-- pr-stack %s %s ", e.Service, e.Name)
}

// ReadState returns the state that a comment holds; the zero State if it holds none.
func ReadState(comment string) (s State) {
	line, _, _ := strings.Cut(comment, "\n")
	begin := strings.Index(line, "{")
	if begin < 0 || json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(line[begin:]), "-->")), &s) != nil {
		return State{}
	}
	return s
}

// marked returns the first line of a comment.
func marked(e environment.Environment, s State) string {
	text, _ := json.Marshal(s) // strings always can be marshaled
	// Two hyphens would end the HTML comment early in some parsers. Escaping one of the two does not
	// change the JSON's meaning.
	return Marker(e) + strings.ReplaceAll(string(text), "--", `-\u002d`) + " -->\n"
}

// stateOf returns the state of a comment about a result. Values that the result does not hold are
// kept from the state before.
func stateOf(r Result, before State) State {
	run := r.Common()
	if d, ok := r.(*Destruction); ok && d.Kept != nil && before != (State{}) {
		return before // nothing has changed
	}
	s := State{
		State: string(run.Ending), Commit: run.Commit, Stack: cmp.Or(stackOf(r).Name, before.Stack),
		Since: before.Since, Run: cmp.Or(run.RunURL, before.Run),
	}
	switch {
	case noneLeft(r):
		s = State{State: "deleted", Commit: before.Commit, Run: before.Run}
	case run.Ending == Up:
		s.State = "ready"
	}
	if d, ok := r.(*Deployment); ok {
		if s.URL = d.url(); s.URL == "" && d.StillUp != nil {
			s.URL = d.StillUp.URL
		}
		if !d.Stack.Created.IsZero() {
			s.Since = d.Stack.Created.UTC().Format(time.RFC3339)
		}
	}
	return s
}

// noneLeft reports whether the run left no environment, also if it failed otherwise.
func noneLeft(r Result) bool {
	d, ok := r.(*Destruction)
	return isGone(r) || ok && d.Deleted
}

// isGone reports whether the run left no environment.
func isGone(r Result) bool {
	if d, ok := r.(*Deployment); ok {
		return d.Ending == Skipped && d.Removed
	}
	return r.Common().Ending == Gone
}
