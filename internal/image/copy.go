package image

import (
	"context"
	"errors"

	"pr-stack/internal/hint"
	"pr-stack/internal/registry"
	"pr-stack/internal/timeline"
)

// ErrGone means that an image is not in its repository any more.
var ErrGone = errors.New("the image is not in its repository any more")

// Check returns an error that wraps ErrGone if the repository does not have the image.
func (s Store) Check(ctx context.Context, ref Ref) error {
	found, err := s.repository().Has(ctx, ref.Digest)
	if err == nil && !found {
		err = &hint.Error{Message: "look up " + ref.String() + ": it is not in ECR repository " + s.Name + " any more", Cause: ErrGone}
	}
	return err
}

// Copy returns an image of another repository of the account under the same digest in this one, to which
// it copies the image unless it is there. The tag is only for people to read.
func (s Store) Copy(ctx context.Context, part *timeline.Part, from Ref, tag string) (Ref, error) {
	uri, err := s.repository().URI(ctx)
	if err != nil {
		return Ref{}, err
	}
	to := Ref{Name: uri, Digest: from.Digest}
	if found, err := s.repository().Has(ctx, from.Digest); err != nil || found {
		part.Note("is there already")
		return to, err
	}
	login, err := s.login()(ctx)
	if err != nil {
		return Ref{}, err
	}
	s.Log.Line("  copying %s to %s:%s", from, s.Name, tag)
	part.Note("copied as " + tag)
	source := registry.Image{Name: from.String(), Username: login.Username, Password: login.Password, Transport: s.Transport}
	return to, source.Copy(ctx, uri+":"+tag)
}
