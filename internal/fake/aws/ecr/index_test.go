package ecr

import (
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"pr-stack/internal/fake/aws/internal/account"
)

// The last tag takes the index along, and not the images of its platforms: those stay, without a tag,
// until a lifecycle rule expires them.
func TestBatchDeleteImage_leaves_the_images_of_an_index(t *testing.T) {
	e := New(&account.Account{ID: "123456789012", Region: "eu-north-1", Scale: 1}, "registry.example")
	e.addRepository("app", false)
	index, err := random.Index(32, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(e.host+"/app:pr-7", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref, index, e.access()...); err != nil {
		t.Fatal(err)
	}
	if n := len(e.repositories["app"].images); n != 3 {
		t.Fatalf("%d images after the push, want an index and two images", n)
	}
	if _, err := e.batchDeleteImage(request{RepositoryName: "app", ImageIDs: []imageID{{Tag: "pr-7"}}}); err != nil {
		t.Fatal(err)
	}
	left := e.repositories["app"].images
	if len(left) != 2 || len(left[0].tags)+len(left[1].tags) > 0 {
		t.Errorf("left after the last tag: %d images, want two without a tag", len(left))
	}
}
