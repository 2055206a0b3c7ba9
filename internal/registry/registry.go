// Package registry reads from a registry which processors an image is for, and copies an image from one
// repository of a registry to another. The caller says who may copy what.
package registry

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Image is an image in a registry, and the login to that; without a Username there is none.
type Image struct {
	Name      string // HOST/REPOSITORY@DIGEST
	Username  string
	Password  string
	Transport http.RoundTripper // nil: the default
}

// Architectures returns the processors that the image is for, as Docker names them: amd64, arm64.
func (i Image) Architectures(ctx context.Context) (list []string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("read the platforms of %s: %w", i.Name, err)
		}
	}()
	ref, err := name.ParseReference(i.Name)
	if err != nil {
		return nil, err
	}
	found, err := remote.Get(ref, i.options(ctx, ref.Context())...)
	if err != nil {
		return nil, err
	}
	if found.MediaType.IsIndex() {
		return ofIndex(found)
	}
	image, err := found.Image()
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	return []string{config.Architecture}, nil
}

// options are those of each call to the registry of a repository.
func (i Image) options(ctx context.Context, of name.Repository) []remote.Option {
	transport := i.Transport
	if transport == nil {
		transport = remote.DefaultTransport
	}
	return []remote.Option{
		remote.WithContext(ctx), remote.WithAuth(authn.Anonymous),
		remote.WithTransport(login{Image: i, host: of.RegistryStr(), next: transport}),
	}
}

// ofIndex returns the processors of an index's images. An attestation is no image: its platform is
// unknown.
func ofIndex(found *remote.Descriptor) (list []string, err error) {
	index, err := found.ImageIndex()
	if err != nil {
		return nil, err
	}
	var manifest *v1.IndexManifest
	if manifest, err = index.IndexManifest(); err != nil {
		return nil, err
	}
	for _, m := range manifest.Manifests {
		if m.Platform != nil && m.Platform.OS == "linux" {
			list = append(list, m.Platform.Architecture)
		}
	}
	return list, nil
}

// login sends the password to the registry and to no other host. Package remote would also send it to
// the token server that a registry names. ECR names none.
type login struct {
	Image
	host string
	next http.RoundTripper
}

func (l login) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == l.host && l.Username != "" {
		r = r.Clone(r.Context())
		r.SetBasicAuth(l.Username, l.Password)
	}
	return l.next.RoundTrip(r)
}
