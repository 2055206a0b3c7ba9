package github

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// page answers with the requested page of a listing, and with links to the others.
// https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
func (g *GitHub) page(w http.ResponseWriter, r *http.Request, items []any) {
	query := r.URL.Query()
	size, err := strconv.Atoi(query.Get("per_page"))
	if err != nil || size < 1 {
		size = 30
	}
	size = min(size, 100)
	if g.pageSize > 0 {
		size = min(size, g.pageSize)
	}
	number, err := strconv.Atoi(query.Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	last := max(1, (len(items)+size-1)/size)
	scheme := cmp.Or(r.URL.Scheme, "http") // a request from a socket has none
	var links []string
	link := func(to int, rel string) {
		query.Set("page", fmt.Sprint(to))
		links = append(links, fmt.Sprintf(`<%s://%s%s?%s>; rel="%s"`, scheme, r.Host, r.RequestURI, query.Encode(), rel))
	}
	if number > 1 {
		link(number-1, "prev")
	}
	if number < last {
		link(number+1, "next")
		link(last, "last")
	}
	if number > 1 {
		link(1, "first")
	}
	if len(links) > 0 {
		w.Header().Set("Link", strings.Join(links, ", "))
	}
	from, to := min(len(items), (number-1)*size), min(len(items), number*size)
	respond(w, http.StatusOK, append([]any{}, items[from:to]...)) // never null
}
