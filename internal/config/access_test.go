package config

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const provider = "issuer=https://id.example\nauthorization-endpoint=https://id.example/a\ntoken-endpoint=https://id.example/t\n" +
	"user-info-endpoint=https://id.example/u\nclient-id=pr-stack\nclient-secret=hush-hush"

func TestLoad_access(t *testing.T) {
	source := checkout(t, "pull_request.opened", "INPUT_INGRESS=shared", "INPUT_ALLOW-CIDRS=192.0.2.0/24,2001:db8::/32", "INPUT_AUTHENTICATE-OIDC="+provider)
	job, err := load(t, source)
	if err != nil {
		t.Fatal(err)
	}
	want := Access{CIDRs: []string{"192.0.2.0/24", "2001:db8::/32"}, OIDC: OIDC{
		Issuer: "https://id.example", AuthorizationEndpoint: "https://id.example/a", TokenEndpoint: "https://id.example/t",
		UserInfoEndpoint: "https://id.example/u", ClientID: "pr-stack", ClientSecret: "hush-hush",
	}}
	if diff := cmp.Diff(want, job.(Deploy).Access); diff != "" {
		t.Errorf("Access differs (-want +got):\n%s", diff)
	}
	in, err := Read(source)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(in.Secrets(), "hush-hush") {
		t.Error("the client's secret is not masked")
	}
}

// An HTTP API has no addresses to limit, and checks tokens that others gave.
func TestLoad_access_of_an_HTTP_API(t *testing.T) {
	for values, want := range map[string]string{
		"INPUT_AUTHENTICATE-OIDC=issuer=https://id.example\naudience=pr-stack": "",
		"INPUT_ALLOW-CIDRS=192.0.2.0/24":                                       "allow-cidrs: an HTTP API cannot limit addresses",
		"INPUT_AUTHENTICATE-OIDC=issuer=https://id.example":                    `authenticate-oidc: "audience" is missing`,
	} {
		_, err := load(t, checkout(t, "pull_request.opened", "INPUT_INGRESS=api", values))
		if got := message(err); got != want {
			t.Errorf("Load with %q = %q, want %q", values, got, want)
		}
	}
}

func TestLoad_tasks(t *testing.T) {
	for text, want := range map[string][]string{
		"":                             nil,
		"npm run seed":                 {"npm", "run", "seed"},
		`rake "db:seed[a b]" 'it'`:     {"rake", "db:seed[a b]", "it"},
		`["sh", "-c", "a && b $HOME"]`: {"sh", "-c", "a && b $HOME"},
		"echo $HOME":                   {"echo", "$HOME"},
	} {
		job, err := load(t, checkout(t, "pull_request.opened", "INPUT_SEED="+text))
		if err != nil {
			t.Fatal(err)
		}
		if got := job.(Deploy).Tasks.Seed; !slices.Equal(got, want) {
			t.Errorf("seed: %s is read as %q, want %q", text, got, want)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
