package template_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pr-stack/internal/template"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}

	t.Run("the_largest_size_allowed", func(t *testing.T) {
		want := strings.Repeat("#", 1_000_000)
		got, err := template.ReadFile(write("full.yaml", want))
		if err != nil || got != want {
			t.Errorf("ReadFile(full.yaml) = %d bytes, %v, want the %d bytes of the file", len(got),
				err, len(want))
		}
	})

	large := write("large.yaml", strings.Repeat("#", 1_000_001))
	refused := []struct {
		name, path, want string
	}{
		{
			"one_byte_too_many", large,
			"read template " + large + ": it has 1000001 bytes, and CloudFormation accepts at most 1000000" +
				" / remove comments and descriptions, or move a part of it into a nested stack",
		},
		{
			"no_such_file", filepath.Join(dir, "absent.yaml"),
			"read template " + filepath.Join(dir, "absent.yaml") + ": no such file" +
				" / set template to fargate, or to the path of a file in the checkout",
		},
		{
			"a_folder", dir,
			"read template " + dir + ": it is not a regular file / set template to the path of the template file itself",
		},
		{
			"a_file_used_as_a_folder", filepath.Join(large, "x.yaml"),
			"read template " + filepath.Join(large, "x.yaml") + ": not a directory / set template to a file that can be read",
		},
	}
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			body, err := template.ReadFile(tt.path)
			if err == nil {
				t.Fatalf("ReadFile(%s) = %d bytes, <nil>, want an error", tt.path, len(body))
			}
			if got := shown(err); got != tt.want {
				t.Errorf("ReadFile(%s) error = %q, want %q", tt.path, got, tt.want)
			}
		})
	}
}
