package aws

import (
	"testing"
)

// An operation without an entry would be allowed to everyone.
func TestPermissions_of_every_operation(t *testing.T) {
	a := New(Options{})
	for service, operations := range a.operations {
		names := map[string]bool{}
		for name := range operations.Query {
			names[name] = true
		}
		for name := range operations.JSON {
			names[name] = true
		}
		if len(names) == 0 {
			t.Errorf("%s has no operations", service)
		}
		for name := range names {
			if a.permissions[service][name] == nil {
				t.Errorf("%s of %s has no entry in the table of permissions", name, service)
			}
		}
		for name := range a.permissions[service] {
			if !names[name] {
				t.Errorf("the table of permissions of %s has %s, which is no operation", service, name)
			}
		}
	}
}
