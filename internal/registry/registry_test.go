package registry

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// imageFor returns an image for a processor.
func imageFor(t *testing.T, architecture string) v1.Image {
	t.Helper()
	image, err := random.Image(16, 1)
	if err != nil {
		t.Fatal(err)
	}
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{OS: "linux", Architecture: architecture})
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func TestArchitectures(t *testing.T) {
	server := httptest.NewServer(registry.New())
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	one := imageFor(t, "arm64")
	both := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: imageFor(t, "amd64"), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}},
		mutate.IndexAddendum{Add: one, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}},
		mutate.IndexAddendum{Add: imageFor(t, ""), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "unknown", Architecture: "unknown"}}})
	tag := func(repository string) name.Tag {
		tag, err := name.NewTag(host + "/" + repository + ":1")
		if err != nil {
			t.Fatal(err)
		}
		return tag
	}
	if err := remote.Write(tag("one"), one); err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(tag("both"), both); err != nil {
		t.Fatal(err)
	}
	for repository, want := range map[string][]string{"one": {"arm64"}, "both": {"amd64", "arm64"}} {
		got, err := Image{Name: host + "/" + repository + ":1"}.Architectures(t.Context())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Architectures(%s): %v (-want +got):\n%s", repository, err, diff)
		}
	}
	for _, unreadable := range []string{host + "/none:1", "Not a name"} {
		if got, err := (Image{Name: unreadable}).Architectures(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "read the platforms of "+unreadable) {
			t.Errorf("Architectures(%s) = %q, %v, want an error", unreadable, got, err)
		}
	}
}
