package aws

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// ecrStore is the account's repositories. Manifests and layers are in the registry behind it.
type ecrStore struct {
	repositories map[string]*repository
	logins       map[string]time.Time // passwords and when they expire

	once   sync.Once
	images http.Handler
}

func (s *ecrStore) handler() http.Handler {
	s.once.Do(func() { s.images = newImages() })
	return s.images
}

type repository struct {
	name      string
	created   time.Time
	immutable bool
	images    []*ecrImage // oldest first
}

type ecrImage struct {
	digest string
	tags   []string
	pushed time.Time
}

func (r *repository) byTag(tag string) *ecrImage {
	for _, i := range r.images {
		if slices.Contains(i.tags, tag) {
			return i
		}
	}
	return nil
}

func (r *repository) byDigest(digest string) *ecrImage {
	for _, i := range r.images {
		if i.digest == digest {
			return i
		}
	}
	return nil
}

// pushed records a manifest that the registry took. A tag moves from the image that had it.
func (a *AWS) pushed(repository, reference, digest string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.ecr.repositories[repository]
	image := r.byDigest(digest)
	if image == nil {
		image = &ecrImage{digest: digest, pushed: time.Now()}
		r.images = append(r.images, image)
	}
	if strings.Contains(reference, ":") || slices.Contains(image.tags, reference) {
		return
	}
	if old := r.byTag(reference); old != nil {
		old.tags = slices.DeleteFunc(old.tags, func(t string) bool { return t == reference })
	}
	image.tags = append(image.tags, reference)
}

func (a *AWS) noRepository(name string) string {
	return fmt.Sprintf("The repository with name '%s' does not exist in the registry with id '%s'", name, a.opts.Account)
}

func (a *AWS) repository(name string) (*repository, error) {
	if r := a.ecr.repositories[name]; r != nil {
		return r, nil
	}
	return nil, &apiError{Code: "RepositoryNotFoundException", Message: a.noRepository(name)}
}

func (a *AWS) addRepository(name string, immutable bool) *repository {
	if a.ecr.repositories == nil {
		a.ecr.repositories = map[string]*repository{}
	}
	r := &repository{name: name, created: a.now, immutable: immutable}
	a.ecr.repositories[name] = r
	return r
}

func (a *AWS) describeRepository(r *repository) map[string]any {
	mutability := "MUTABLE"
	if r.immutable {
		mutability = "IMMUTABLE"
	}
	return map[string]any{
		"repositoryArn":      a.arn("ecr", "repository/"+r.name),
		"registryId":         a.opts.Account,
		"repositoryName":     r.name,
		"repositoryUri":      a.opts.RegistryHost + "/" + r.name,
		"createdAt":          epochSeconds(r.created),
		"imageTagMutability": mutability,
	}
}

func ecrTypes() map[string]resourceType {
	return map[string]resourceType{"AWS::ECR::Repository": {
		create: func(a *AWS, r *resource, done func(error)) {
			name := text(r.Properties["RepositoryName"])
			if name == "" {
				name = strings.ToLower(a.generated(r, 256))
			}
			made := a.addRepository(name, text(r.Properties["ImageTagMutability"]) == "IMMUTABLE")
			r.PhysicalID = name
			r.Attributes["Arn"] = a.arn("ecr", "repository/"+name)
			r.Attributes["RepositoryUri"] = a.opts.RegistryHost + "/" + made.name
			a.after(time.Second, func() { done(nil) })
		},
		replaces: differ("RepositoryName"),
		delete: func(a *AWS, r *resource, done func(error)) {
			var err error
			if made := a.ecr.repositories[r.PhysicalID]; made != nil {
				err = a.dropRepository(made, text(r.Properties["EmptyOnDelete"]) == "true")
			}
			a.after(time.Second, func() { done(err) })
		},
	}}
}
