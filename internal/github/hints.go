package github

import (
	"fmt"
	"net/http"
	"strings"
)

// hint returns what to change. It looks at GitHub's message, since a 403 alone has many causes. It
// returns "" if the cause is not known.
func (f *failure) hint(needs permission) string {
	has := func(words string) bool { return strings.Contains(strings.ToLower(f.message), words) }
	switch {
	case f.limited:
		return "GitHub limits the calls of this token: run the job again later"
	case f.status == http.StatusUnauthorized:
		return "the token in github-token is not valid (any more): leave the input at its default, or renew the token"
	case f.status == http.StatusForbidden && has("not accessible by integration") && needs != "":
		return fmt.Sprintf("add %s to the permissions of this workflow; "+
			"a run for a pull request by a fork or by Dependabot has a token that may only read", needs)
	case f.status == http.StatusForbidden && has("not accessible by personal access token") && needs != "":
		return fmt.Sprintf("give the personal access token in github-token the permission %s, "+
			"or leave the input at its default", needs)
	case f.status == http.StatusForbidden && has("issue is locked"):
		return "unlock the conversation of the pull request, or set comment: never"
	case f.status == http.StatusForbidden && has("ip allow list"):
		return "run the job on a machine whose address is on the organization's IP allow list"
	case f.status == http.StatusForbidden && has("saml"):
		return "authorize the token in github-token for the organization's single sign-on, " +
			"or leave the input at its default"
	case f.status == http.StatusNotFound && needs != "":
		return fmt.Sprintf("GitHub also answers 404 if the token may not see it: "+
			"add %s to the permissions of this workflow", needs)
	}
	return ""
}
