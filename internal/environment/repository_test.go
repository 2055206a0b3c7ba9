package environment

import (
	"strings"
	"testing"
)

func TestRepository_Owns(t *testing.T) {
	ours := Repository{Name: "octo/hello", ID: "1"}
	renamed := Repository{Name: "octo/hallo", ID: "1"}
	named := Repository{Name: "octo/hello"}
	for name, test := range map[string]struct {
		here, stack Repository
		refused     string
	}{
		"its own":                        {ours, ours, ""},
		"renamed":                        {renamed, ours, ""},
		"another of that name":           {ours, Repository{Name: "octo/hello", ID: "2"}, "octo/hello (ID 2), and this is octo/hello (ID 1)"},
		"another owner's":                {ours, Repository{Name: "other/hello", ID: "2"}, "other/hello"},
		"of an older pr-stack":           {ours, named, ""},
		"case does not matter":           {ours, Repository{Name: "Octo/Hello"}, ""},
		"an older one's, another name's": {renamed, named, "tag pr-stack:repository names octo/hello, and this is octo/hallo"},
		"from a laptop":                  {Repository{}, ours, ""},
		"a laptop's":                     {ours, Repository{}, ""},
	} {
		tags := ForPullRequest("hello", 7).Tags(test.stack).Map()
		err := test.here.Owns(tags)
		if (err != nil) != (test.refused != "") || err != nil && !strings.Contains(err.Error(), test.refused) {
			t.Errorf("%s: Owns = %v, want %q", name, err, test.refused)
		}
	}
}
