package rollout

import (
	"context"

	"pr-stack/internal/hint"
	"pr-stack/internal/probe"
)

// Access is who may reach a stack's URL. Its zero value means that everyone may.
type Access struct {
	Limited bool // only certain addresses, of which this job's may be none
	SignIn  bool // only people who have signed in
}

// checkSignIn returns an error if the URL lets in who has not signed in, although only people who have
// may be.
func (c Clients) checkSignIn(ctx context.Context, want Want) error {
	if want.URL == "" || !want.Access.SignIn || want.Access.Limited {
		return nil
	}
	url := address(want.URL, want.Path)
	open, err := probe.IsOpen(ctx, c.HTTP, url)
	if err != nil {
		return err
	}
	if open {
		return hint.New("use the parameters whose names begin with Oidc in the template's listener, as the template fargate does",
			"request %s: it answers without a sign-in, which authenticate-oidc asks for", url)
	}
	return nil
}
