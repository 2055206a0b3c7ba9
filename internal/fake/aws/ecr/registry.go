package ecr

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"pr-stack/internal/fake/internal/serve"
)

// newRegistry returns go-containerregistry's registry, which holds the images behind ECR's rules.
func newRegistry() http.Handler { return registry.New(registry.Logger(log.New(io.Discard, "", 0))) }

var manifestPath = regexp.MustCompile(`^/v2/(.+)/manifests/([^/]+)$`)
var uploadPath = regexp.MustCompile(`^/v2/(.+)/blobs/uploads(/|$)`)
var repositoryPath = regexp.MustCompile(`^/v2/(.+)/(manifests|blobs|tags)(/|$)`)

// ServeRegistry answers as ECR's registry does: only with a token of GetAuthorizationToken whose owner
// may do that, and only for repositories that exist. The messages are those that docker push prints.
func (e *ECR) ServeRegistry(w http.ResponseWriter, r *http.Request) error {
	if code, message := e.checkAccess(r); code != 0 {
		if code == http.StatusUnauthorized {
			w.Header().Set("Www-Authenticate", `Basic realm="https://`+e.host+`/",service="ecr.amazonaws.com"`)
		}
		registryError(w, code, "DENIED", message)
		return nil
	}
	if path := repositoryPath.FindStringSubmatch(r.URL.Path); path != nil {
		if message := e.checkRepository(path[1]); message != "" {
			registryError(w, http.StatusNotFound, "NAME_UNKNOWN", message)
			return nil
		}
	}
	manifest := manifestPath.FindStringSubmatch(r.URL.Path)
	if manifest == nil || r.Method != http.MethodPut {
		e.registry().ServeHTTP(w, r)
		return nil
	}
	if message := e.checkTag(manifest[1], manifest[2]); message != "" {
		registryError(w, http.StatusBadRequest, "TAG_INVALID", message)
		return nil
	}
	answer := httptest.NewRecorder()
	e.registry().ServeHTTP(answer, r)
	if answer.Code == http.StatusCreated {
		e.recordPush(manifest[1], manifest[2], answer.Header().Get("Docker-Content-Digest"))
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, err := w.Write(answer.Body.Bytes())
	return err
}

func (e *ECR) checkRepository(repository string) (message string) {
	e.account.Lock()
	defer e.account.Unlock()
	e.account.Advance()
	if e.repositories[repository] == nil {
		return e.noRepository(repository)
	}
	return ""
}

func (e *ECR) checkTag(repository, reference string) (message string) {
	e.account.Lock()
	defer e.account.Unlock()
	r := e.repositories[repository]
	if r != nil && r.immutable && r.byTag(reference) != nil {
		return fmt.Sprintf("The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.",
			reference, repository)
	}
	return ""
}

func registryError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}

// Push pushes an image as docker push would, with a login of its own, and returns its digest.
func (e *ECR) Push(repository, tag string, image v1.Image) (digest string, err error) {
	ref, err := name.NewTag(e.host+"/"+repository+":"+tag, name.Insecure)
	if err != nil {
		return "", err
	}
	err = remote.Write(ref, image, e.access()...)
	if err != nil {
		return "", err
	}
	hash, err := image.Digest()
	return hash.String(), err
}

// PushIndex is Push for an index.
func (e *ECR) PushIndex(repository, tag string, index v1.ImageIndex) (digest string, err error) {
	ref, err := name.NewTag(e.host+"/"+repository+":"+tag, name.Insecure)
	if err != nil {
		return "", err
	}
	if err := remote.WriteIndex(ref, index, e.access()...); err != nil {
		return "", err
	}
	hash, err := index.Digest()
	return hash.String(), err
}

// Pull returns the image of a reference in the account's registry.
func (e *ECR) Pull(reference string) (v1.Image, error) {
	ref, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		return nil, err
	}
	return remote.Image(ref, e.access()...)
}

// access returns how the fake's own pushes and pulls reach the registry.
func (e *ECR) access() []remote.Option {
	return []remote.Option{
		remote.WithTransport(serve.Handler(e.ServeRegistry)),
		remote.WithAuth(&authn.Basic{Username: "AWS", Password: e.login()}),
	}
}

// deleteManifest deletes a manifest, by tag or digest, from the registry.
func (e *ECR) deleteManifest(repository, reference string) {
	r := &http.Request{Method: http.MethodDelete, URL: &url.URL{Path: "/v2/" + repository + "/manifests/" + reference}, Body: http.NoBody}
	e.registry().ServeHTTP(httptest.NewRecorder(), r)
}

// Digest returns the digest of an image in the account's registry, by its reference.
func (e *ECR) Digest(image string) (digest string, found bool) {
	if strings.HasPrefix(image, "public.ecr.aws/") { // it has every image, which anyone may pull
		return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(image))), true
	}
	repository, reference, ok := e.split(image)
	r := e.repositories[repository]
	if !ok || r == nil {
		return "", false
	}
	id := imageID{Tag: reference}
	if strings.Contains(reference, ":") {
		id = imageID{Digest: reference}
	}
	i := r.find(id)
	if i == nil {
		return "", false
	}
	return i.digest, true
}

// split splits HOST/REPOSITORY:TAG or HOST/REPOSITORY@DIGEST.
func (e *ECR) split(image string) (repository, reference string, ok bool) {
	rest, ok := strings.CutPrefix(image, e.host+"/")
	if !ok {
		return "", "", false
	}
	if repository, digest, ok := strings.Cut(rest, "@"); ok {
		repository, _, _ = strings.Cut(repository, ":")
		return repository, digest, true
	}
	repository, tag, tagged := strings.Cut(rest, ":")
	if !tagged {
		tag = "latest"
	}
	return repository, tag, true
}
