package command

import (
	"maps"
	"strings"
	"testing"

	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/rollout"
)

func TestCheckStrategy(t *testing.T) {
	canary := map[string]string{"Strategy": "canary", "Ingress": "dedicated", "InfrastructureRoleArn": "arn:aws:iam::123456789012:role/r"}
	for name, test := range map[string]struct {
		more        map[string]string
		pullRequest int
		want        string
	}{
		"dedicated":                   {nil, 0, ""},
		"shared":                      {map[string]string{"Ingress": "shared"}, 0, ""},
		"api":                         {map[string]string{"Ingress": "api"}, 0, "with ingress api there is none"},
		"none":                        {map[string]string{"Ingress": "none"}, 0, "with ingress none there is none"},
		"a template without strategy": {map[string]string{"Strategy": ""}, 0, "declares no parameter Strategy"},
		"a sign-in":                   {map[string]string{"OidcIssuer": "https://id.example.com"}, 0, "asks people to sign in"},
		"no role":                     {map[string]string{"InfrastructureRoleArn": ""}, 0, "has no output PermanentInfrastructureRoleArn"},
		"a pull request's":            {nil, 7, "is for permanent environments"},
		"a pull request's, rolling":   {map[string]string{"Strategy": "rolling"}, 7, ""},
	} {
		parameters := maps.Clone(canary)
		maps.Copy(parameters, test.more)
		job := config.Deploy{Strategy: config.Canary, Environment: environment.Environment{Name: "production", PullRequest: test.pullRequest}}
		err := checkStrategy(job, rollout.Plan{Parameters: parameters})
		switch {
		case (err == nil) != (test.want == ""), err != nil && !strings.Contains(err.Error(), test.want):
			t.Errorf("%s: checkStrategy = %v, want %q", name, err, test.want)
		case err != nil && len(hint.Of(err)) == 0:
			t.Errorf("%s: checkStrategy = %v, want a hint", name, err)
		}
	}
}
