package ecr

import (
	"encoding/base64"
	"net/http"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
)

// login is what belongs to a password of the registry. Until it expires, the password has the rights of
// the caller who asked for it.
type login struct {
	expires   time.Time
	principal *account.Principal
}

// newLogin returns a new password for the registry, valid for twelve hours, or until the session ends
// that asked for it.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
func (e *ECR) newLogin(p *account.Principal) (password string, expires time.Time) {
	password, expires = e.account.Unique(64), time.Now().Add(12*time.Hour)
	if e.account.SessionEnd != nil {
		if end := e.account.SessionEnd(p); !end.IsZero() && end.Before(expires) {
			expires = end
		}
	}
	e.logins[password] = login{expires, p}
	return password, expires
}

// login returns a password of the fake's own, which may do everything.
func (e *ECR) login() string {
	e.account.Lock()
	defer e.account.Unlock()
	password, _ := e.newLogin(nil)
	return password
}

func authorization(password string) string {
	return base64.StdEncoding.EncodeToString([]byte("AWS:" + password))
}

// checkAccess checks the login of a request to the registry, and whether its owner may make the
// request.
func (e *ECR) checkAccess(r *http.Request) (code int, message string) {
	user, password, ok := r.BasicAuth()
	if !ok || user != "AWS" {
		return http.StatusUnauthorized, "Not Authorized"
	}
	e.account.Lock()
	defer e.account.Unlock()
	used, known := e.logins[password]
	switch {
	case !known:
		return http.StatusUnauthorized, "Not Authorized"
	case time.Now().After(used.expires):
		return http.StatusForbidden, "Your authorization token has expired. Reauthenticate and try again."
	}
	for _, action := range actions(r) {
		repository := repositoryPath.FindStringSubmatch(r.URL.Path)[1]
		if err := used.principal.Check(e.onRepository(action, repository)); err != nil {
			return http.StatusForbidden, err.Error()
		}
	}
	return 0, ""
}

// actions returns the actions that a request to the registry needs. A push asks for each layer whether
// it is there, uploads it in parts, and puts the manifest; a pull gets the manifest and then each layer.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
func actions(r *http.Request) []string {
	path := repositoryPath.FindStringSubmatch(r.URL.Path)
	if path == nil {
		return nil // of no repository
	}
	switch {
	case path[2] == "tags":
		return []string{"ListImages"}
	case path[2] == "manifests":
		return manifestActions[r.Method]
	case !uploadPath.MatchString(r.URL.Path):
		return blobActions[r.Method]
	case r.Method == http.MethodPost && r.URL.Query().Has("digest"): // the whole layer at once
		return []string{"InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"}
	}
	return uploadActions[r.Method]
}

var (
	manifestActions = map[string][]string{
		http.MethodHead: {"BatchGetImage"}, http.MethodGet: {"BatchGetImage"}, http.MethodPut: {"PutImage"},
		http.MethodDelete: {"BatchDeleteImage"},
	}
	blobActions = map[string][]string{
		http.MethodHead: {"BatchCheckLayerAvailability"}, http.MethodGet: {"GetDownloadUrlForLayer"},
		http.MethodDelete: {"BatchDeleteImage"},
	}
	uploadActions = map[string][]string{
		http.MethodPost: {"InitiateLayerUpload"}, http.MethodPatch: {"UploadLayerPart"}, http.MethodGet: {"UploadLayerPart"},
		http.MethodPut: {"CompleteLayerUpload"},
	}
)
