// Package github is the part of GitHub's REST API that the action calls, for one repository, in
// memory: pull requests, commits, comments, deployments and runs, as an http.Handler. It exists so that
// the real client can be run against a server that is paged, limited, slow, broken and strict in
// the ways in which GitHub is. It holds no product logic.
//
// It is also where jobs get their OIDC tokens.
//
// It answers below / as api.github.com does and below /api/v3 as GitHub Enterprise Server does. It
// runs no goroutine, so it serves a testing/synctest bubble as well as a socket.
package github

import (
	"net/http"
	"strings"
	"sync"

	"pr-stack/internal/fake/internal/serve"
)

// GitHub is one repository. Make it with New; it is safe for concurrent use.
type GitHub struct {
	repository string
	mux        *http.ServeMux

	mu          sync.Mutex
	ids         [2]int64 // of the owner and of the repository
	branch      string   // the default one
	pageSize    int
	user        string
	serial      int64 // of what needs an ID that nothing else has
	pulls       map[int]*pull
	messages    map[string]string // of commits, by SHA
	trees       map[string]string // SHAs of trees that SetTree set, by the SHAs of commits
	runs        map[attempt]runState
	contents    map[string]string // of files, by ref:path
	comments    []*comment
	deployments []*deployment
	statuses    []*status
	faults      []*Fault
	forbidden   []string
	heads       map[string]string // SHAs of the newest commits, by branch
	jobs        map[string]*job   // those that may get OIDC tokens, by the path of their address
	calls       []Call
}

// New returns a repository, owner/name, without pull requests. The caller is github-actions[bot],
// as with GITHUB_TOKEN.
func New(repository string) *GitHub {
	g := &GitHub{repository: repository, ids: [2]int64{583231, 1296269}, branch: "main", pulls: map[int]*pull{}, messages: map[string]string{}, trees: map[string]string{}, runs: map[attempt]runState{}, heads: map[string]string{}, jobs: map[string]*job{}, mux: http.NewServeMux()}
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET /user":                                                      g.getUser,
		"GET /repos/{owner}/{name}":                                      g.getRepository,
		"GET /repos/{owner}/{name}/pulls":                                g.listPulls,
		"GET /repos/{owner}/{name}/pulls/{number}":                       g.getPull,
		"GET /repos/{owner}/{name}/pulls/{number}/files":                 g.listFiles,
		"GET /repos/{owner}/{name}/git/commits/{sha}":                    g.getCommit,
		"GET /repos/{owner}/{name}/commits/{sha}/pulls":                  g.listPullsOfCommit,
		"GET /repos/{owner}/{name}/actions/runs/{id}/attempts/{attempt}": g.getRunAttempt,
		"GET /repos/{owner}/{name}/git/ref/heads/{branch...}":            g.getBranch,
		"GET /repos/{owner}/{name}/contents/{path...}":                   g.getContents,
		"GET /repos/{owner}/{name}/issues/{number}/comments":             g.listComments,
		"POST /repos/{owner}/{name}/issues/{number}/comments":            g.createComment,
		"PATCH /repos/{owner}/{name}/issues/comments/{id}":               g.updateComment,
		"DELETE /repos/{owner}/{name}/issues/comments/{id}":              g.deleteComment,
		"GET /repos/{owner}/{name}/deployments":                          g.listDeployments,
		"POST /repos/{owner}/{name}/deployments":                         g.createDeployment,
		"GET /repos/{owner}/{name}/deployments/{id}/statuses":            g.listStatuses,
		"POST /repos/{owner}/{name}/deployments/{id}/statuses":           g.createStatus,
	} {
		g.mux.HandleFunc(pattern, handler)
	}
	g.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		respondError(w, http.StatusNotFound, "the fake has no operation "+r.Method+" "+r.URL.Path)
	})
	return g
}

// SetPageSize limits the entries on one page of any listing; 0 means GitHub's own page sizes.
func (g *GitHub) SetPageSize(entries int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pageSize = entries
}

// SetDefaultBranch sets the repository's default branch, which is main otherwise.
func (g *GitHub) SetDefaultBranch(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.branch = name
}

// getRepository answers with a few of the fields. The repository is not public.
func (g *GitHub) getRepository(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	owner, name, _ := strings.Cut(g.repository, "/")
	respond(w, http.StatusOK, map[string]any{
		"id": g.ids[1], "name": name, "full_name": g.repository, "private": true, "default_branch": g.branch,
		"owner": map[string]any{"id": g.ids[0], "login": owner},
	})
}

// SetUser sets who the caller is, as with a personal access token.
func (g *GitHub) SetUser(login string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.user = login
}

// Do answers a request in memory.
func (g *GitHub) Do(r *http.Request) (*http.Response, error) { return g.RoundTrip(r) }

// RoundTrip answers a request in memory; it makes GitHub the Transport of an http.Client.
func (g *GitHub) RoundTrip(r *http.Request) (*http.Response, error) {
	return serve.Handler(g.serve).RoundTrip(r)
}

// ServeHTTP answers a request from a socket.
func (g *GitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	serve.Handler(g.serve).ServeHTTP(w, r)
}
