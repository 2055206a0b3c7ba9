package registry

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Copy copies the image, with everything that an index has, to HOST/REPOSITORY:TAG of the same registry.
// The copy is the same manifest, and so has the same digest. Layers that the repository has already are not
// sent again.
func (i Image) Copy(ctx context.Context, to string) (err error) {
	defer func() {
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		} else if err != nil {
			err = fmt.Errorf("copy %s to %s: %w", i.Name, to, err)
		}
	}()
	source, err := name.NewDigest(i.Name)
	if err != nil {
		return err
	}
	tag, err := name.NewTag(to)
	if err != nil {
		return err
	}
	if tag.RegistryStr() != source.RegistryStr() {
		return fmt.Errorf("registry %s is not %s, which the login is for", tag.RegistryStr(), source.RegistryStr())
	}
	options := i.options(ctx, source.Context())
	found, err := remote.Get(source, options...)
	if err != nil {
		return err
	}
	if found.MediaType.IsIndex() {
		index, err := found.ImageIndex()
		if err != nil {
			return err
		}
		return remote.WriteIndex(tag, index, options...)
	}
	image, err := found.Image()
	if err != nil {
		return err
	}
	return remote.Write(tag, image, options...)
}
