package environment

import (
	"fmt"
	"strings"
)

// Repository is a repository on GitHub. Outside GitHub, both fields may be empty.
type Repository struct {
	Name string // owner/name, which changes when the repository is renamed or transferred
	ID   string // GitHub's number, which never changes; "" on stacks that an older pr-stack created
}

// RepositoryOf returns the repository that a stack's tags name.
func RepositoryOf(tags map[string]string) Repository {
	return Repository{Name: tags[TagRepository], ID: tags[TagRepositoryID]}
}

// Is reports whether two are the same repository, and whether that is known. If either has no ID,
// their names decide.
func (r Repository) Is(other Repository) (same, known bool) {
	switch {
	case r.ID != "" && other.ID != "":
		return r.ID == other.ID, true
	case r.Name != "" && other.Name != "":
		return strings.EqualFold(r.Name, other.Name), true
	}
	return false, false
}

// Owns returns an error if a stack with these tags belongs to another repository. It returns nil if
// that is not known: on a laptop the repository is not, and any environment of the service may be
// deployed or deleted. There AWS alone decides who may do that.
func (r Repository) Owns(tags map[string]string) error {
	owner := RepositoryOf(tags)
	same, known := r.Is(owner)
	switch {
	case same || !known:
		return nil
	case r.ID != "" && owner.ID != "":
		return fmt.Errorf("its tags name %s (ID %s), and this is %s (ID %s)",
			owner.Name, owner.ID, r.Name, r.ID)
	}
	return fmt.Errorf("its tag %s names %s, and this is %s",
		TagRepository, owner.Name, r.Name)
}
