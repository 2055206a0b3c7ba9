package github

import (
	"net/http"
	"strconv"
)

// attempt is one attempt of a workflow's run.
type attempt struct {
	run    int64
	number int
}

type runState struct{ status, conclusion string }

// SetRun sets the status of an attempt of a run, such as in_progress or completed, and its conclusion,
// such as success, failure or cancelled. Otherwise, every run is in progress.
func (g *GitHub) SetRun(id int64, number int, status, conclusion string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.runs[attempt{id, number}] = runState{status, conclusion}
}

// getRunAttempt answers with a few of the fields.
// https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run-attempt
func (g *GitHub) getRunAttempt(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	number, also := strconv.Atoi(r.PathValue("attempt"))
	if err != nil || also != nil {
		respondError(w, http.StatusNotFound, "Not Found")
		return
	}
	state, set := g.runs[attempt{id, number}]
	if !set {
		state.status = "in_progress"
	}
	respond(w, http.StatusOK, map[string]any{
		"id": id, "run_attempt": number, "status": state.status, "conclusion": orNull(state.conclusion),
	})
}
