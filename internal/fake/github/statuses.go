package github

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

type status struct {
	id          int64
	deployment  *deployment
	state       string
	url, log    string
	description string
	created     time.Time
}

// DeploymentStatuses returns what was said of an environment's deployments, oldest first: "queued",
// "success http://…".
func (g *GitHub) DeploymentStatuses(environment string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var said []string
	for _, s := range g.statuses {
		if s.deployment.environment == environment {
			said = append(said, strings.TrimSpace(s.state+" "+s.url))
		}
	}
	return said
}

func statusShape(s *status) map[string]any {
	return map[string]any{
		"id": s.id, "state": s.state, "environment_url": s.url, "log_url": s.log, "description": s.description,
		"environment": s.deployment.environment, "created_at": timeShape(s.created),
	}
}

// https://docs.github.com/rest/deployments/statuses#list-deployment-statuses
func (g *GitHub) listStatuses(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.deploymentOf(w, r)
	if d == nil {
		return
	}
	var shapes []any
	for _, s := range slices.Backward(g.statuses) {
		if s.deployment == d {
			shapes = append(shapes, statusShape(s))
		}
	}
	g.page(w, r, shapes)
}

// https://docs.github.com/rest/deployments/statuses#create-a-deployment-status
func (g *GitHub) createStatus(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.deploymentOf(w, r)
	if d == nil {
		return
	}
	var request struct {
		State        string
		Description  string
		URL          string `json:"environment_url"`
		Log          string `json:"log_url"`
		AutoInactive *bool  `json:"auto_inactive"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		respondError(w, http.StatusBadRequest, "Problems parsing JSON")
		return
	}
	states := []string{"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}
	switch {
	case !slices.Contains(states, request.State):
		invalid(w, "DeploymentStatus", "state", "is not in the list")
		return
	case utf8.RuneCountInString(request.Description) > 140:
		invalid(w, "DeploymentStatus", "description", "description is too long (maximum is 140 characters)")
		return
	}
	s := g.addStatus(d, request.State)
	s.url, s.log, s.description = request.URL, request.Log, request.Description
	if request.State == "success" && (request.AutoInactive == nil || *request.AutoInactive) {
		g.deactivate(d)
	}
	respond(w, http.StatusCreated, statusShape(s))
}

func (g *GitHub) addStatus(d *deployment, state string) *status {
	g.serial++
	s := &status{id: g.serial, deployment: d, state: state, created: time.Now()}
	g.statuses = append(g.statuses, s)
	return s
}

// deactivate sets the deployments that a successful one replaces to inactive: all older ones in its
// environment that are neither transient nor production.
func (g *GitHub) deactivate(newest *deployment) {
	for _, d := range g.deployments {
		if d == newest {
			return
		}
		if d.environment == newest.environment && !d.transient && !d.production {
			g.addStatus(d, "inactive")
		}
	}
}

// deploymentOf returns the deployment that a request names. If there is none it answers 404 and
// returns nil.
func (g *GitHub) deploymentOf(w http.ResponseWriter, r *http.Request) *deployment {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	for _, d := range g.deployments {
		if d.id == id {
			return d
		}
	}
	respondError(w, http.StatusNotFound, "Not Found")
	return nil
}
