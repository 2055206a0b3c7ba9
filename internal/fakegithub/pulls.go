package fakegithub

import (
	"net/http"
	"strconv"
)

type pull struct {
	number int
	head   string
	state  string // open, closed
	merged bool
}

// Open opens a pull request with a head commit.
func (g *GitHub) Open(number int, head string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pulls[number] = &pull{number: number, head: head, state: "open"}
}

// Push makes a commit the head of a pull request.
func (g *GitHub) Push(number int, head string) { g.change(number, func(p *pull) { p.head = head }) }

// Close closes a pull request, merged or not.
func (g *GitHub) Close(number int, merged bool) {
	g.change(number, func(p *pull) { p.state, p.merged = "closed", merged })
}

// Reopen opens a closed pull request again.
func (g *GitHub) Reopen(number int) { g.change(number, func(p *pull) { p.state = "open" }) }

func (g *GitHub) change(number int, how func(*pull)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	how(g.pulls[number])
}

// getPull answers as https://docs.github.com/rest/pulls/pulls#get-a-pull-request has it.
func (g *GitHub) getPull(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	number, _ := strconv.Atoi(r.PathValue("number"))
	p := g.pulls[number]
	if p == nil {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	repository := map[string]any{"full_name": g.repository}
	answer(w, http.StatusOK, map[string]any{
		"number": p.number, "state": p.state, "merged": p.merged,
		"head": map[string]any{"sha": p.head, "repo": repository},
		"base": map[string]any{"repo": repository},
	})
}
