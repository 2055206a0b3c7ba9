package github

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

type pull struct {
	number         int
	head           string
	headRepository string // "" if the fork was deleted
	open           bool
	merged         time.Time // zero: it was not merged
	merge          merge     // how it was merged, if it was
	testMerge      string    // SHA of the commit refs/pull/NUMBER/merge; "" if there is none
	pushed         []string  // SHAs of all heads that it had
	base           string    // branch; "" is the default branch
	closed         time.Time
	draft          bool
	labels         []string
	author         string
	files          []string
	created        time.Time
}

// Open opens a pull request by octo-dev with a head commit, from a branch of the repository.
func (g *GitHub) Open(number int, head string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pulls[number] = &pull{number: number, head: head, headRepository: g.repository, open: true, author: "octo-dev", created: time.Now(), pushed: []string{head}}
	g.commit(head)
}

// Push makes a commit the head of a pull request.
func (g *GitHub) Push(number int, head string) {
	g.change(number, func(p *pull) {
		p.head, p.pushed = head, append(p.pushed, head)
		g.commit(head)
	})
}

// Close closes a pull request, merged by a merge commit or not.
func (g *GitHub) Close(number int, merged bool) {
	if merged {
		g.Merge(number, MergeCommit, derived("merge of pull request", fmt.Sprint(number)))
		return
	}
	g.change(number, func(p *pull) { p.open, p.closed, p.merged, p.merge = false, time.Now(), time.Time{}, merge{} })
}

// Reopen opens a closed pull request again.
func (g *GitHub) Reopen(number int) {
	g.change(number, func(p *pull) { p.open, p.closed, p.merged, p.merge = true, time.Time{}, time.Time{}, merge{} })
}

// SetLabels sets a pull request's labels.
func (g *GitHub) SetLabels(number int, labels ...string) {
	g.change(number, func(p *pull) { p.labels = slices.Clone(labels) })
}

// SetDraft makes a pull request a draft, or ready for review.
func (g *GitHub) SetDraft(number int, draft bool) {
	g.change(number, func(p *pull) { p.draft = draft })
}

// SetAuthor sets who opened a pull request. A login that ends in [bot] is a bot's.
func (g *GitHub) SetAuthor(number int, login string) {
	g.change(number, func(p *pull) { p.author = login })
}

// SetHeadRepository makes a pull request come from a fork; "" means that the fork was deleted.
func (g *GitHub) SetHeadRepository(number int, repository string) {
	g.change(number, func(p *pull) { p.headRepository = repository })
}

// SetFiles sets the paths that a pull request changes. A renamed file is written as Git does it:
// "old => new".
func (g *GitHub) SetFiles(number int, paths ...string) {
	g.change(number, func(p *pull) { p.files = slices.Clone(paths) })
}

func (g *GitHub) change(number int, how func(*pull)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.pulls[number]
	if p == nil {
		panic(fmt.Sprintf("pull request %d was not opened", number))
	}
	how(p)
}

// pullOf returns the pull request that a request names. If there is none it answers 404 and returns
// nil.
func (g *GitHub) pullOf(w http.ResponseWriter, r *http.Request) *pull {
	number, _ := strconv.Atoi(r.PathValue("number"))
	p := g.pulls[number]
	if p == nil {
		respondError(w, http.StatusNotFound, "Not Found")
	}
	return p
}

// https://docs.github.com/rest/pulls/pulls#get-a-pull-request
func (g *GitHub) getPull(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p := g.pullOf(w, r); p != nil {
		shape := g.pullShape(p)
		shape["merged"] = !p.merged.IsZero() // a listing has no such field
		respond(w, http.StatusOK, shape)
	}
}

// https://docs.github.com/rest/pulls/pulls#list-pull-requests
func (g *GitHub) listPulls(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	state := cmp.Or(r.URL.Query().Get("state"), "open")
	owner, branch, byHead := strings.Cut(r.URL.Query().Get("head"), ":") // without a colon it is no filter
	var list []any
	for _, number := range slices.Backward(slices.Sorted(maps.Keys(g.pulls))) { // the newest first
		shape := g.pullShape(g.pulls[number])
		if from, _, _ := strings.Cut(g.pulls[number].headRepository, "/"); byHead && (from != owner || branch != headBranch) {
			continue
		}
		if state == "all" || shape["state"] == state {
			list = append(list, shape)
		}
	}
	g.page(w, r, list)
}

// https://docs.github.com/rest/pulls/pulls#list-pull-requests-files
func (g *GitHub) listFiles(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.pullOf(w, r)
	if p == nil {
		return
	}
	var files []any
	for _, path := range p.files {
		file := map[string]any{"filename": path, "status": "modified"}
		if old, renamed, ok := strings.Cut(path, " => "); ok {
			file = map[string]any{"filename": renamed, "previous_filename": old, "status": "renamed"}
		}
		files = append(files, file)
	}
	g.page(w, r, files)
}
