package github_test

import (
	"context"
	"strings"
	"testing"

	fakegithub "pr-stack/internal/fake/github"
	"pr-stack/internal/github"
	"pr-stack/internal/hint"
)

// A 403 has many causes, and only GitHub's message says which one it is.
func TestErrors_say_what_to_change_by_GitHubs_message(t *testing.T) {
	const (
		app    = "Resource not accessible by integration"
		person = "Resource not accessible by personal access token"
	)
	comment := func(ctx context.Context, c *github.Client) error {
		return c.Upsert(ctx, 7, marker, to(ready))
	}
	deploy := func(ctx context.Context, c *github.Client) error {
		_, err := c.CreateDeployment(ctx, github.Deployment{Ref: head, Environment: "preview"})
		return err
	}
	read := func(ctx context.Context, c *github.Client) error {
		_, err := c.Message(ctx, head)
		return err
	}
	over := func(ctx context.Context, c *github.Client) error {
		_, err := c.RunIsOver(ctx, 1, 1)
		return err
	}
	for name, test := range map[string]struct {
		status  int
		message string
		call    func(context.Context, *github.Client) error
		want    string // in the hint; "" is none
	}{
		"a comment": {403, app, comment, "add pull-requests: write to the permissions of this workflow; " +
			"a run for a pull request by a fork"},
		"a deployment": {403, app, deploy, "add deployments: write to the permissions of this workflow"},
		"a run":        {403, app, over, "add actions: read to the permissions of this workflow"},
		"a commit":     {403, app, read, "add contents: read to the permissions of this workflow"},
		"a user":       {403, person, comment, "give the personal access token in github-token the permission pull-requests: write"},
		"not visible":  {404, "Not Found", deploy, "GitHub also answers 404 if the token may not see it: add deployments: write"},
		"a bad token":  {401, "Bad credentials", comment, "the token in github-token is not valid"},
		"locked":       {403, "Unable to create comment because issue is locked.", comment, "unlock the conversation"},
		"a foreign IP": {403, "Although you appear to have the correct authorization credentials, the `octo-org` " +
			"organization has an IP allow list enabled, and your IP address 192.0.2.1 is not permitted to access this " +
			"resource.", comment, "IP allow list"},
		"SAML": {403, "Resource protected by organization SAML enforcement. You must grant your Personal Access " +
			"token access to this organization.", read, "single sign-on"},
		"a limit":       {429, "You have exceeded a secondary rate limit.", deploy, "GitHub limits the calls of this token"},
		"archived":      {403, "Repository was archived so is read-only.", comment, ""},
		"a server down": {500, "Server Error", deploy, ""},
		"a bad request": {422, "No ref found for: " + head, deploy, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := fakegithub.New(repository)
			g.Open(7, head)
			// A limit that asks for too long a wait, so that the call ends.
			header := map[string]string{"Retry-After": waits(test.status)}
			g.Inject(fakegithub.Fault{Status: test.status, Message: test.message, Header: header})
			err := test.call(t.Context(), connect(t, g, ""))
			got := strings.Join(hint.Of(err), "|")
			if err == nil || !strings.Contains(err.Error(), test.message) ||
				(got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("err = %v with the hint %q, want %q in it", err, got, test.want)
			}
		})
	}
}

func waits(status int) string {
	if status == 429 || status >= 500 {
		return "3600"
	}
	return ""
}
