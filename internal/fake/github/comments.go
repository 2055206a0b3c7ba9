package github

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

type comment struct {
	id      int64
	number  int
	author  string
	body    string
	history []string // every body, oldest first
	created time.Time
}

// Comment writes a comment as another user: a human, or a bot if the login ends in [bot].
func (g *GitHub) Comment(number int, author, body string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.write(number, author, body)
}

// Comments returns the bodies of a pull request's comments, oldest first.
func (g *GitHub) Comments(number int) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var bodies []string
	for _, c := range g.comments {
		if c.number == number {
			bodies = append(bodies, c.body)
		}
	}
	return bodies
}

// CommentHistory returns every body that a pull request's comments had, those of the oldest comment
// first.
func (g *GitHub) CommentHistory(number int) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var bodies []string
	for _, c := range g.comments {
		if c.number == number {
			bodies = append(bodies, c.history...)
		}
	}
	return bodies
}

func (g *GitHub) write(number int, author, body string) *comment {
	g.serial++
	c := &comment{id: g.serial, number: number, author: author, body: body, history: []string{body}, created: time.Now()}
	g.comments = append(g.comments, c)
	return c
}

func commentShape(c *comment) map[string]any {
	return map[string]any{"id": c.id, "body": c.body, "user": userShape(c.author), "created_at": timeShape(c.created), "performed_via_github_app": nil}
}

// https://docs.github.com/rest/issues/comments#list-issue-comments
func (g *GitHub) listComments(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.pullOf(w, r)
	if p == nil {
		return
	}
	var comments []any
	for _, c := range g.comments {
		if c.number == p.number {
			comments = append(comments, commentShape(c))
		}
	}
	g.page(w, r, comments)
}

// https://docs.github.com/rest/issues/comments#create-an-issue-comment
func (g *GitHub) createComment(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.pullOf(w, r)
	if p == nil {
		return
	}
	if body, ok := commentBody(w, r); ok {
		respond(w, http.StatusCreated, commentShape(g.write(p.number, g.caller(), body)))
	}
}

// https://docs.github.com/rest/issues/comments#update-an-issue-comment
// A token with write permission can edit the comments of others.
func (g *GitHub) updateComment(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.commentOf(w, r)
	if i < 0 {
		return
	}
	if body, ok := commentBody(w, r); ok {
		g.comments[i].body = body
		g.comments[i].history = append(g.comments[i].history, body)
		respond(w, http.StatusOK, commentShape(g.comments[i]))
	}
}

// https://docs.github.com/rest/issues/comments#delete-an-issue-comment
func (g *GitHub) deleteComment(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := g.commentOf(w, r); i >= 0 {
		g.comments = slices.Delete(g.comments, i, i+1)
		w.WriteHeader(http.StatusNoContent)
	}
}

// commentOf returns the index of the comment that a request names. If there is none it answers 404
// and returns -1.
func (g *GitHub) commentOf(w http.ResponseWriter, r *http.Request) int {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	i := slices.IndexFunc(g.comments, func(c *comment) bool { return c.id == id })
	if i < 0 {
		respondError(w, http.StatusNotFound, "Not Found")
	}
	return i
}

func commentBody(w http.ResponseWriter, r *http.Request) (string, bool) {
	var request struct{ Body string }
	switch err := json.NewDecoder(r.Body).Decode(&request); {
	case err != nil:
		respondError(w, http.StatusBadRequest, "Problems parsing JSON")
	case request.Body == "":
		invalid(w, "IssueComment", "body", "body cannot be blank")
	case utf8.RuneCountInString(request.Body) > 65536:
		invalid(w, "IssueComment", "body", "body is too long (maximum is 65536 characters)")
	default:
		return request.Body, true
	}
	return "", false
}
