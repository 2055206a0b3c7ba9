// Package archive pushes an image that was built elsewhere, from the file that docker save writes. It
// does not need Docker, and it runs nothing from the image. The caller chooses the repository.
package archive

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"pr-stack/internal/hint"
)

// Push is the destination of an image, and the login for it.
type Push struct {
	Tag       string // HOST/REPOSITORY:TAG
	Username  string
	Password  string
	Transport http.RoundTripper // nil: the default
}

// Push pushes the only image in the archive at path, and returns its digest in the registry,
// sha256:…. The image's name in the archive is ignored. If the archive is invalid, the error is a
// *hint.Error.
func (p Push) Push(ctx context.Context, path string) (string, error) {
	tag, err := name.NewTag(p.Tag)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", p.Tag, err)
	}
	image, err := open(path)
	if err != nil {
		return "", invalid(path, err)
	}
	hash, err := digest(ctx, image)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", invalid(path, err)
	}
	transport := p.Transport
	if transport == nil {
		transport = remote.DefaultTransport
	}
	err = remote.Write(tag, image, remote.WithContext(ctx), remote.WithAuth(authn.Anonymous),
		remote.WithTransport(login{Push: p, host: tag.RegistryStr(), next: transport}))
	if err != nil && ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("push %s: %w", p.Tag, err)
	}
	return hash.String(), nil
}

// digest returns the digest of an image, for which it reads all layers. Reading takes a while and
// cannot be stopped: when ctx is done, digest returns and the reading continues in the background.
func digest(ctx context.Context, image v1.Image) (v1.Hash, error) {
	type answer struct {
		hash v1.Hash
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		hash, err := image.Digest()
		answers <- answer{hash, err}
	}()
	select {
	case a := <-answers:
		return a.hash, a.err
	case <-ctx.Done():
		return v1.Hash{}, ctx.Err()
	}
}

// open returns the only image in an archive, which it has checked.
func open(path string) (v1.Image, error) {
	if err := check(path); err != nil {
		return nil, err
	}
	return tarball.ImageFromPath(path, nil)
}

// maxMessage is how many characters of what is wrong with an archive are shown: some of them quote it.
const maxMessage = 300

// invalid returns the error for an archive that cannot be read as an image.
func invalid(path string, err error) error {
	advice := hint.Of(err)
	if len(advice) == 0 {
		advice = []string{"write it with docker save IMAGE --output image.tar, " +
			"or with buildx and --output type=docker,dest=image.tar"}
	}
	why := []rune(err.Error())
	return &hint.Error{
		Message: fmt.Sprintf("read image archive %s: %s", filepath.Base(path), string(why[:min(maxMessage, len(why))])),
		Hint:    advice[0],
		Cause:   err,
	}
}
