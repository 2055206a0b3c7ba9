package archive

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// huge is an image that takes an hour to read.
type huge struct{ v1.Image }

func (huge) Digest() (v1.Hash, error) {
	<-time.After(time.Hour)
	return v1.Hash{}, nil
}

// A cancelled run has seven seconds to end, however large the image is.
func TestDigest_returns_when_the_context_is_done(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		if _, err := digest(ctx, huge{}); !errors.Is(err, context.Canceled) {
			t.Errorf("digest = %v, want %v", err, context.Canceled)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("digest returned after %s", took)
		}
		<-time.After(2 * time.Hour) // until the reading in the background has ended
	})
}
