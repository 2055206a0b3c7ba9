package github

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Issuer is the issuer of the OIDC tokens that jobs get.
const Issuer = "https://token.actions.githubusercontent.com"

// tokenPath is what the paths of jobs' addresses for tokens begin with.
const tokenPath = "/1//idtoken/"

// NewJob returns what the runner gives to a job with the permission id-token: write: the address that
// answers with OIDC tokens, and the secret that it asks for. The claims are those that a token has
// besides the standard ones; sub should be among them.
func (g *GitHub) NewJob(claims map[string]any) (address, secret string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.serial++
	path := tokenPath + fmt.Sprint(g.serial)
	g.jobs[path] = &job{secret: fmt.Sprintf("fake-id-token-request-token-%d", g.serial), claims: claims}
	return "https://run-actions-1-azure-eastus.actions.githubusercontent.com" + path + "?api-version=2.0", g.jobs[path].secret
}

// job is a job that may get OIDC tokens.
type job struct {
	secret string
	claims map[string]any
}

// issue answers with a token, which has no signature: the fake has no keys. It lives for five minutes,
// as in the example of https://docs.github.com/en/actions/reference/security/oidc.
func (g *GitHub) issue(w http.ResponseWriter, r *http.Request, path string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	j := g.jobs[path]
	if j == nil || r.Header.Get("Authorization") != "Bearer "+j.secret || r.Method != http.MethodGet {
		respondError(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	g.serial++
	now := time.Now()
	claims := map[string]any{
		"iss": Issuer, "aud": audienceOf(r.URL.Query(), g.repository), "jti": fmt.Sprintf("00000000-0000-4000-8000-%012d", g.serial),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
	}
	maps.Copy(claims, j.claims)
	text, err := json.Marshal(claims)
	if err != nil {
		respondError(w, http.StatusInternalServerError, err.Error())
		return
	}
	token := "eyJhbGciOiJSUzI1NiJ9." + base64.RawURLEncoding.EncodeToString(text) + ".c2lnbmVk"
	respond(w, http.StatusOK, map[string]any{"count": len(token), "value": token})
}

// audienceOf returns the audience that was asked for; the default is the repository's owner.
func audienceOf(query url.Values, repository string) string {
	if audience := query.Get("audience"); audience != "" {
		return audience
	}
	owner, _, _ := strings.Cut(repository, "/")
	return "https://github.com/" + owner
}
