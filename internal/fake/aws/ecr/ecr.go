// Package ecr is ECR: repositories, and the registry that images are pushed to and pulled from.
//
// Lifecycle rules expire nothing: a test that lasts days would be needed to see it. An image can be
// deleted although an index refers to it, which AWS refuses (ImageReferencedByManifestList).
package ecr

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/iam"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// ECR is the account's repositories. Manifests and layers are in the registry behind them.
type ECR struct {
	account      *account.Account
	host         string
	repositories map[string]*repository
	logins       map[string]login // by password
	registry     func() http.Handler
}

// New returns an ECR without repositories. Clients reach its registry under host, the first part of
// every repository URI.
func New(a *account.Account, host string) *ECR {
	return &ECR{
		account: a, host: host, registry: sync.OnceValue(newRegistry),
		repositories: map[string]*repository{}, logins: map[string]login{},
	}
}

// Host returns the host, and perhaps port, that image references begin with.
func (e *ECR) Host() string { return e.host }

type repository struct {
	name      string
	created   time.Time
	immutable bool
	policy    *iam.Trust // nil: none
	images    []*image   // oldest first
}

type image struct {
	digest string
	tags   []string
	pushed time.Time
}

func (r *repository) byTag(tag string) *image {
	for _, i := range r.images {
		if slices.Contains(i.tags, tag) {
			return i
		}
	}
	return nil
}

func (r *repository) byDigest(digest string) *image {
	for _, i := range r.images {
		if i.digest == digest {
			return i
		}
	}
	return nil
}

// recordPush records a manifest that the registry accepted. A tag moves from the image that had it.
func (e *ECR) recordPush(repository, reference, digest string) {
	e.account.Lock()
	defer e.account.Unlock()
	r := e.repositories[repository]
	pushed := r.byDigest(digest)
	if pushed == nil {
		pushed = &image{digest: digest, pushed: time.Now()}
		r.images = append(r.images, pushed)
	}
	if strings.Contains(reference, ":") || slices.Contains(pushed.tags, reference) {
		return
	}
	if old := r.byTag(reference); old != nil {
		old.tags = slices.DeleteFunc(old.tags, func(t string) bool { return t == reference })
	}
	pushed.tags = append(pushed.tags, reference)
}

func (e *ECR) noRepository(name string) string {
	return fmt.Sprintf("The repository with name '%s' does not exist in the registry with id '%s'", name, e.account.ID)
}

func (e *ECR) repository(name string) (*repository, error) {
	if r := e.repositories[name]; r != nil {
		return r, nil
	}
	return nil, &wire.APIError{Code: "RepositoryNotFoundException", Message: e.noRepository(name)}
}

func (e *ECR) addRepository(name string, immutable bool) *repository {
	r := &repository{name: name, created: e.account.Now(), immutable: immutable}
	e.repositories[name] = r
	return r
}

func (e *ECR) describeRepository(r *repository) map[string]any {
	mutability := "MUTABLE"
	if r.immutable {
		mutability = "IMMUTABLE"
	}
	return map[string]any{
		"repositoryArn":      e.account.ARN("ecr", "repository/"+r.name),
		"registryId":         e.account.ID,
		"repositoryName":     r.name,
		"repositoryUri":      e.host + "/" + r.name,
		"createdAt":          wire.EpochSeconds(r.created),
		"imageTagMutability": mutability,
	}
}

// Types returns repositories.
func (e *ECR) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{"AWS::ECR::Repository": {
		Create: func(r *cloudformation.Resource, done func(error)) {
			name := e.nameOf(r)
			made := e.addRepository(name, property.Text(r.Properties["ImageTagMutability"]) == "IMMUTABLE")
			r.PhysicalID = name
			r.Attributes["Arn"] = e.account.ARN("ecr", "repository/"+name)
			r.Attributes["RepositoryUri"] = e.host + "/" + made.name
			err := made.setPolicy(r.Properties)
			e.account.After(time.Second, func() { done(err) })
		},
		Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
			err := e.updateRepository(r)
			e.account.After(2*time.Second, func() { done(err) })
		},
		// createOnlyProperties of AWS's schema (pulumi-aws-native 43eed3b, 2026-08-07).
		Replaces:    cloudformation.AnyChanged("RepositoryName", "EncryptionConfiguration"),
		Taggable:    true,
		Retag:       2 * time.Second, // not recorded: two calls that are answered at once, and its handler does not wait
		Permissions: e.permissions(),
		Delete: func(r *cloudformation.Resource, done func(error)) {
			var err error
			if made := e.repositories[r.PhysicalID]; made != nil {
				err = e.removeRepository(made, property.Text(r.Properties["EmptyOnDelete"]) == "true")
			}
			e.account.After(time.Second, func() { done(err) })
		},
	}}
}
