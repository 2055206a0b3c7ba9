package github_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	fakegithub "pr-stack/internal/fake/github"
)

const (
	repository = "octo-org/hello-world"
	head       = "0123456789abcdef0123456789abcdef01234567"
)

// call calls the fake and decodes the answer.
func call(t *testing.T, g *fakegithub.GitHub, method, url, body string) (status int, links string, value any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer t")
	response, err := g.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&value); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Link"), value
}

// GitHub has every field of the fake's pull request, with the same name and the same kind of value.
func TestPullRequest_has_GitHubs_shape(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/event/pull_request.opened.json")
	if err != nil {
		t.Fatal(err)
	}
	var event struct {
		Pull map[string]any `json:"pull_request"`
	}
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	g := fakegithub.New(repository)
	g.Open(7, head)
	g.SetTestMerge(7, strings.Repeat("c", 40)) // until there is one, GitHub's field is null
	_, _, pull := call(t, g, "GET", "https://api.github.com/repos/octo-org/hello-world/pulls/7", "")
	within(t, "pull_request", pull, event.Pull)
}

func within(t *testing.T, path string, got, want any) {
	t.Helper()
	if reflect.TypeOf(got) != reflect.TypeOf(want) {
		t.Errorf("%s is a %T, want a %T as on GitHub", path, got, want)
		return
	}
	wanted, _ := want.(map[string]any)
	fields, _ := got.(map[string]any)
	for name, value := range fields {
		if _, ok := wanted[name]; !ok {
			t.Errorf("%s.%s: GitHub has no such field", path, name)
			continue
		}
		within(t, path+"."+name, value, wanted[name])
	}
}

func TestPages_are_linked_where_the_API_is(t *testing.T) {
	for _, base := range []string{"https://api.github.com", "https://ghe.example/api/v3"} {
		t.Run(base, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.SetPageSize(2)
			g.Open(7, head)
			for n := range 5 {
				g.Comment(7, "octo-dev", fmt.Sprint(n))
			}
			url := base + "/repos/octo-org/hello-world/issues/7/comments?page="
			for page, want := range map[string]string{
				"1": `<` + url + `2>; rel="next", <` + url + `3>; rel="last"`,
				"2": `<` + url + `1>; rel="prev", <` + url + `3>; rel="next", <` + url + `3>; rel="last", <` + url + `1>; rel="first"`,
				"3": `<` + url + `2>; rel="prev", <` + url + `1>; rel="first"`,
			} {
				_, got, _ := call(t, g, "GET", url+page, "")
				if got != want {
					t.Errorf("Link of page %s = %s, want %s", page, got, want)
				}
			}
		})
	}
}

func TestStrict_as_GitHub(t *testing.T) {
	const api = "https://api.github.com/repos/octo-org/hello-world"
	for name, test := range map[string]struct {
		method, url, body string
		status            int
		message           string
	}{
		"checks are required":  {"POST", api + "/deployments", `{"ref":"` + head + `","auto_merge":false}`, 409, "Conflict: Commit status checks failed for " + head + "."},
		"a merge is required":  {"POST", api + "/deployments", `{"ref":"` + head + `","required_contexts":[]}`, 409, "Conflict merging main into " + head},
		"no such ref":          {"POST", api + "/deployments", `{"ref":"nope"}`, 422, "No ref found for: nope"},
		"an empty comment":     {"POST", api + "/issues/7/comments", `{"body":""}`, 422, "Validation Failed"},
		"no such pull request": {"POST", api + "/issues/8/comments", `{"body":"x"}`, 404, "Not Found"},
		"no such commit":       {"GET", api + "/git/commits/nope", "", 404, "Not Found"},
		"another repository":   {"GET", "https://api.github.com/repos/octo-org/secret/pulls/7", "", 404, "Not Found"},
		"no user's token":      {"GET", "https://api.github.com/user", "", 403, "Resource not accessible by integration"},
		"an unknown operation": {"GET", api + "/branches", "", 404, "the fake has no operation GET /repos/octo-org/hello-world/branches"},
	} {
		t.Run(name, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.Open(7, head)
			status, _, body := call(t, g, test.method, test.url, test.body)
			said, _ := body.(map[string]any)
			if status != test.status || said["message"] != test.message {
				t.Errorf("%s %s = %d %v, want %d %s", test.method, test.url, status, said["message"], test.status, test.message)
			}
		})
	}
}

func TestSuccess_replaces_those_before_unless_told_not_to(t *testing.T) {
	const api = "https://api.github.com/repos/octo-org/hello-world/deployments"
	for status, want := range map[string]string{
		`{"state":"success"}`:                       "success inactive",
		`{"state":"success","auto_inactive":false}`: "success",
		`{"state":"in_progress"}`:                   "in_progress",
	} {
		t.Run(status, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.Open(7, head)
			var id any
			for range 2 {
				_, _, d := call(t, g, "POST", api, `{"ref":"`+head+`","environment":"preview","auto_merge":false,"required_contexts":[]}`)
				id = d.(map[string]any)["id"]
			}
			call(t, g, "POST", fmt.Sprint(api, "/", id, "/statuses"), status)
			if got := strings.Join(g.DeploymentStatuses("preview"), " "); got != want {
				t.Errorf("DeploymentStatuses = %q, want %q", got, want)
			}
		})
	}
}

func TestCalls_at_the_same_time(t *testing.T) {
	g := fakegithub.New(repository)
	g.Open(7, head)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			g.Comment(7, "octo-dev", "Hello")
			g.SetLabels(7, "preview")
			call(t, g, "GET", "https://api.github.com/repos/octo-org/hello-world/pulls/7", "")
		})
	}
	all.Wait()
	if len(g.Calls()) != 20 || len(g.Comments(7)) != 20 {
		t.Errorf("%d calls and %d comments, want 20 each", len(g.Calls()), len(g.Comments(7)))
	}
}
