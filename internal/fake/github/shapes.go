package github

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// headBranch is the branch that every pull request is from.
const headBranch = "faster-hello"

// pullShape is a pull request in JSON, as in a listing. Each field is as in
// testdata/event/pull_request.opened.json.
func (g *GitHub) pullShape(p *pull) map[string]any {
	state := "closed"
	if p.open {
		state = "open"
	}
	labels := []any{}
	for i, label := range p.labels {
		labels = append(labels, map[string]any{"id": 7000 + i, "name": label, "color": "ededed", "default": false})
	}
	url := fmt.Sprintf("https://api.github.com/repos/%s/pulls/%d", g.repository, p.number)
	html := fmt.Sprintf("https://github.com/%s/pull/%d", g.repository, p.number)
	return map[string]any{
		"url":        url,
		"id":         900000 + p.number,
		"html_url":   html,
		"number":     p.number,
		"state":      state,
		"locked":     false,
		"title":      "Say hello faster",
		"user":       userShape(p.author),
		"body":       "It says hello in half the time.",
		"created_at": timeShape(p.created),
		"updated_at": timeShape(p.created),
		"closed_at":  timeShape(p.closed),
		"merged_at":  timeShape(p.merged),
		"labels":     labels,
		"draft":      p.draft,

		"merge_commit_sha": orNull(p.mergeCommitSHA()),
		"head":             branchShape(p.headRepository, headBranch, p.head),
		"base":             branchShape(g.repository, g.baseOf(p), "89abcdef0123456789abcdef0123456789abcdef"),
	}
}

func branchShape(repository, ref, sha string) map[string]any {
	owner, name, _ := strings.Cut(repository, "/")
	shape := map[string]any{"label": owner + ":" + ref, "ref": ref, "sha": sha, "user": nil, "repo": nil}
	if repository != "" {
		shape["user"] = userShape(owner)
		shape["repo"] = map[string]any{"name": name, "full_name": repository, "private": false, "owner": userShape(owner)}
	}
	return shape
}

func userShape(login string) map[string]any {
	kind := "User"
	if strings.HasSuffix(login, "[bot]") {
		kind = "Bot"
	}
	return map[string]any{"login": login, "type": kind, "site_admin": false}
}

// orNull returns null for "".
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// timeShape returns null for the zero time.
func timeShape(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// caller returns the user that the token belongs to.
func (g *GitHub) caller() string {
	if g.user == "" {
		return "github-actions[bot]"
	}
	return g.user
}

// https://docs.github.com/rest/users/users#get-the-authenticated-user
func (g *GitHub) getUser(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.user == "" {
		respondError(w, http.StatusForbidden, "Resource not accessible by integration")
		return
	}
	respond(w, http.StatusOK, userShape(g.user))
}
