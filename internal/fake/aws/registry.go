package aws

import (
	"encoding/base64"
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
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// images is what the registry holds: go-containerregistry's own, behind ECR's rules.
func newImages() http.Handler { return registry.New(registry.Logger(log.New(io.Discard, "", 0))) }

var manifestPath = regexp.MustCompile(`^/v2/(.+)/manifests/([^/]+)$`)
var repositoryPath = regexp.MustCompile(`^/v2/(.+?)/(manifests|blobs|tags)(/|$)`)

// serveRegistry answers as the registry's side of ECR: for those who show a token of GetAuthorizationToken, and only in
// repositories that exist. The texts are those that docker push prints.
func (a *AWS) serveRegistry(w http.ResponseWriter, r *http.Request) error {
	if code, message := a.keepsOut(r); code != 0 {
		if code == http.StatusUnauthorized {
			w.Header().Set("Www-Authenticate", `Basic realm="https://`+a.opts.RegistryHost+`/",service="ecr.amazonaws.com"`)
		}
		registryError(w, code, "DENIED", message)
		return nil
	}
	if path := repositoryPath.FindStringSubmatch(r.URL.Path); path != nil {
		if message := a.lacks(path[1]); message != "" {
			registryError(w, http.StatusNotFound, "NAME_UNKNOWN", message)
			return nil
		}
	}
	manifest := manifestPath.FindStringSubmatch(r.URL.Path)
	if manifest == nil || r.Method != http.MethodPut {
		a.ecr.handler().ServeHTTP(w, r)
		return nil
	}
	if message := a.refusesTag(manifest[1], manifest[2]); message != "" {
		registryError(w, http.StatusBadRequest, "TAG_INVALID", message)
		return nil
	}
	answer := httptest.NewRecorder()
	a.ecr.handler().ServeHTTP(answer, r)
	if answer.Code == http.StatusCreated {
		a.pushed(manifest[1], manifest[2], answer.Header().Get("Docker-Content-Digest"))
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, err := w.Write(answer.Body.Bytes())
	return err
}

// keepsOut checks the login.
func (a *AWS) keepsOut(r *http.Request) (code int, message string) {
	user, password, ok := r.BasicAuth()
	if !ok || user != "AWS" {
		return http.StatusUnauthorized, "Not Authorized"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	expires, known := a.ecr.logins[password]
	switch {
	case !known:
		return http.StatusUnauthorized, "Not Authorized"
	case time.Now().After(expires):
		return http.StatusForbidden, "Your authorization token has expired. Reauthenticate and try again."
	}
	return 0, ""
}

func (a *AWS) lacks(repository string) (message string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settle(time.Now())
	if a.ecr.repositories[repository] == nil {
		return a.noRepository(repository)
	}
	return ""
}

func (a *AWS) refusesTag(repository, reference string) (message string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.ecr.repositories[repository]
	if r != nil && r.immutable && r.byTag(reference) != nil {
		return fmt.Sprintf("The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.", reference, repository)
	}
	return ""
}

func registryError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}

// RegistryHost is the host, and perhaps port, that image references begin with.
func (a *AWS) RegistryHost() string { return a.opts.RegistryHost }

// PushImage pushes an image as docker push would, with a login of its own, and returns its digest.
func (a *AWS) PushImage(repository, tag string, image v1.Image) (digest string, err error) {
	ref, err := name.NewTag(a.opts.RegistryHost+"/"+repository+":"+tag, name.Insecure)
	if err != nil {
		return "", err
	}
	err = remote.Write(ref, image, remote.WithTransport(a), remote.WithAuth(&authn.Basic{Username: "AWS", Password: a.login()}))
	if err != nil {
		return "", err
	}
	hash, err := image.Digest()
	return hash.String(), err
}

// PullImage returns the image of a reference in the account's registry.
func (a *AWS) PullImage(reference string) (v1.Image, error) {
	ref, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		return nil, err
	}
	return remote.Image(ref, remote.WithTransport(a), remote.WithAuth(&authn.Basic{Username: "AWS", Password: a.login()}))
}

func (a *AWS) login() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.newLogin()
}

// newLogin makes a password for the registry that is good for twelve hours.
func (a *AWS) newLogin() string {
	if a.ecr.logins == nil {
		a.ecr.logins = map[string]time.Time{}
	}
	password := a.unique(64)
	a.ecr.logins[password] = time.Now().Add(12 * time.Hour)
	return password
}

// take removes a manifest, by tag or digest, from what the registry holds.
func (s *ecrStore) take(repository, reference string) {
	r := &http.Request{Method: http.MethodDelete, URL: &url.URL{Path: "/v2/" + repository + "/manifests/" + reference}, Body: http.NoBody}
	s.handler().ServeHTTP(httptest.NewRecorder(), r)
}

func authorization(password string) string {
	return base64.StdEncoding.EncodeToString([]byte("AWS:" + password))
}

// split takes HOST/REPOSITORY:TAG or HOST/REPOSITORY@DIGEST apart.
func (a *AWS) split(image string) (repository, reference string, ok bool) {
	rest, ok := strings.CutPrefix(image, a.opts.RegistryHost+"/")
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
