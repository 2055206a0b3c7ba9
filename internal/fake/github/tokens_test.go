package github_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	fakegithub "pr-stack/internal/fake/github"
)

func TestNewJob_gets_tokens_with_its_secret_only(t *testing.T) {
	g := fakegithub.New("octo-org/hello-world")
	address, secret := g.NewJob(map[string]any{"sub": "repo:octo-org/hello-world:pull_request"})
	_, other := g.NewJob(nil)
	for authorization, want := range map[string]int{"Bearer " + secret: 200, "Bearer " + other: 401, "": 401, secret: 401} {
		for query, audience := range map[string]string{"": "https://github.com/octo-org", "&audience=sts.amazonaws.com": "sts.amazonaws.com"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+query, nil)
			if err != nil {
				t.Fatal(err)
			}
			if authorization != "" {
				request.Header.Set("Authorization", authorization)
			}
			response, err := g.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			var answer struct{ Value string }
			err = json.NewDecoder(response.Body).Decode(&answer)
			response.Body.Close()
			if err != nil || response.StatusCode != want {
				t.Fatalf("with %q: %d, %v, want %d", authorization, response.StatusCode, err, want)
			}
			if want != http.StatusOK {
				continue
			}
			var claims struct{ Iss, Sub, Aud string }
			text, err := base64.RawURLEncoding.DecodeString(strings.Split(answer.Value, ".")[1])
			if err != nil || json.Unmarshal(text, &claims) != nil {
				t.Fatalf("the token is %q", answer.Value)
			}
			if claims.Iss != fakegithub.Issuer || claims.Sub != "repo:octo-org/hello-world:pull_request" || claims.Aud != audience {
				t.Errorf("the token says %+v, want the audience %s", claims, audience)
			}
		}
	}
}
