package config

import (
	"slices"
	"testing"
)

// A build argument is not hidden if every reader knows it, or if it is too short to be a secret.
func TestPrivate(t *testing.T) {
	for arguments, want := range map[string][]string{
		"":                         nil,
		"NPM_TOKEN=npm_0123456789": {"npm_0123456789"},
		"KEY=12345678":             {"12345678"},
		"VERSION=22.21.0":          nil,
		"DEBUG=true\nCACHE=FALSE":  nil,
		"COMMIT=" + head:           nil,
		"COMMIT=" + head[:12]:      nil,
		"SERVICE=hello-world\nSTACK=hello-world-pr-7": nil,
		"not an entry of secrets":                     {"not an entry of secrets"},
	} {
		in, err := Read(checkout(t, "pull_request.opened", "INPUT_BUILD-ARGS="+arguments))
		if err != nil {
			t.Fatal(err)
		}
		if got := in.Private(); !slices.Equal(got, want) {
			t.Errorf("Private of %q = %q, want %q", arguments, got, want)
		}
	}
}
