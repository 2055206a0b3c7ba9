package docker

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/session/auth"
	"google.golang.org/protobuf/testing/protocmp"
)

func TestAuthProvider(t *testing.T) {
	ours := Credentials{Host: "own.example:5000", Username: "AWS", Password: "sesame"}
	for _, c := range []struct {
		name  string
		host  string
		have  Credentials
		want  *auth.CredentialsResponse
		asked bool
	}{
		{"the registry that is pushed to", "own.example:5000", ours,
			&auth.CredentialsResponse{Username: "AWS", Secret: "sesame"}, true},
		{"a registry that the Dockerfile names", "evil.example", ours, &auth.CredentialsResponse{}, false},
		{"credentials for another registry", "own.example:5000",
			Credentials{Host: "x.example", Password: "y"}, &auth.CredentialsResponse{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := false
			d := &Daemon{Credentials: func(context.Context) (Credentials, error) { asked = true; return c.have, nil }}
			got, err := (&authProvider{daemon: d, host: "own.example:5000"}).Credentials(t.Context(), &auth.CredentialsRequest{Host: c.host})
			if diff := cmp.Diff(c.want, got, protocmp.Transform()); err != nil || diff != "" {
				t.Errorf("Credentials(%q) = error %v, (-want +got)\n%s", c.host, err, diff)
			}
			if asked != c.asked {
				t.Errorf("Credentials(%q) asked the caller: %v, want %v", c.host, asked, c.asked)
			}
		})
	}
}

func TestLoginFailsBeforeTheBuild(t *testing.T) {
	refusal := errors.New("log in to ECR: AccessDeniedException")
	d := &Daemon{Credentials: func(context.Context) (Credentials, error) { return Credentials{}, refusal }}
	_, err := d.BuildAndPush(t.Context(), Build{Context: folder(t, "Dockerfile", "FROM scratch")}, "own.example/app:t1")
	if !errors.Is(err, refusal) {
		t.Errorf("BuildAndPush = %v, want %v", err, refusal)
	}
}
