package image_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/image"
	"pr-stack/internal/timeline"
)

func TestCopy_keeps_the_digest_and_sends_nothing_the_second_time(t *testing.T) {
	inStore(t, func(t *testing.T, account *fakeaws.AWS, from image.Store, log *bytes.Buffer) {
		to := from
		to.Name = "permanent"
		if _, err := to.API.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &to.Name}); err != nil {
			t.Fatal(err)
		}
		made, err := random.Image(100, 2)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "image.tar")
		if err := tarball.WriteToFile(path, name.MustParseReference("any:thing"), made); err != nil {
			t.Fatal(err)
		}
		pushed, _, err := resolve(t.Context(), from, image.Ref{}, image.Archive(path))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"copied as " + tag, "is there already"} {
			var times timeline.Recorder
			copied, err := timeline.Run(&times, "Image", "image", func(part *timeline.Part) (image.Ref, error) {
				return to.Copy(t.Context(), part, pushed, tag)
			})
			if err != nil {
				t.Fatal(err)
			}
			if copied.Digest != pushed.Digest || copied.Name == pushed.Name {
				t.Errorf("copy %d: got %v of %v, want the same digest in the other repository", i, copied, pushed)
			}
			if got := times.Phases()[0].Note; got != want {
				t.Errorf("copy %d: note is %q, want %q", i, got, want)
			}
			if err := to.Check(t.Context(), copied); err != nil {
				t.Errorf("copy %d: %v", i, err)
			}
		}
		gone := image.Ref{Name: "x", Digest: "sha256:" + string(bytes.Repeat([]byte("0"), 64))}
		if err := to.Check(t.Context(), gone); !errors.Is(err, image.ErrGone) {
			t.Errorf("Check of an image that is not there: %v, want ErrGone", err)
		}
	})
}
