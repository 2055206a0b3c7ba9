package github

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"
)

type deployment struct {
	id                    int64
	ref, environment      string
	task                  string
	description           string
	transient, production bool
	payload               json.RawMessage
	created               time.Time
}

func deploymentShape(d *deployment) map[string]any {
	return map[string]any{
		"id": d.id, "sha": d.ref, "ref": d.ref, "task": d.task, "environment": d.environment, "description": d.description,
		"payload": d.payload, "transient_environment": d.transient, "production_environment": d.production, "created_at": timeShape(d.created),
	}
}

// https://docs.github.com/rest/deployments/deployments#list-deployments
func (g *GitHub) listDeployments(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	environment, task := r.URL.Query().Get("environment"), r.URL.Query().Get("task")
	var shapes []any
	for _, d := range slices.Backward(g.deployments) {
		if (environment == "" || d.environment == environment) && (task == "" || d.task == task) {
			shapes = append(shapes, deploymentShape(d))
		}
	}
	g.page(w, r, shapes)
}

// https://docs.github.com/rest/deployments/deployments#create-a-deployment
func (g *GitHub) createDeployment(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	request := struct {
		Ref         string
		Environment string
		Description string
		Payload     json.RawMessage
		AutoMerge   *bool     `json:"auto_merge"`
		Contexts    *[]string `json:"required_contexts"`
		Task        string    `json:"task"`
		Transient   bool      `json:"transient_environment"`
		Production  bool      `json:"production_environment"`
	}{Environment: "production", Payload: json.RawMessage(`{}`)}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		respondError(w, http.StatusBadRequest, "Problems parsing JSON")
		return
	}
	_, isCommit := g.messages[request.Ref]
	switch {
	case !isCommit && request.Ref != "main":
		respondError(w, http.StatusUnprocessableEntity, "No ref found for: "+request.Ref)
	case utf8.RuneCountInString(request.Description) > 140:
		invalid(w, "Deployment", "description", "description is too long (maximum is 140 characters)")
	case request.AutoMerge == nil || *request.AutoMerge:
		respondError(w, http.StatusConflict, "Conflict merging main into "+request.Ref)
	case request.Contexts == nil || len(*request.Contexts) > 0:
		// This is always so while the calling workflow runs, because that is a check itself.
		respondError(w, http.StatusConflict, "Conflict: Commit status checks failed for "+request.Ref+".")
	default:
		g.serial++
		d := &deployment{
			id: g.serial, ref: request.Ref, task: cmp.Or(request.Task, "deploy"), environment: request.Environment, description: request.Description,
			transient: request.Transient, production: request.Production, payload: request.Payload, created: time.Now(),
		}
		g.deployments = append(g.deployments, d)
		respond(w, http.StatusCreated, deploymentShape(d))
	}
}
