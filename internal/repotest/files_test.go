package repotest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the path from this package to the module's folder.
const root = "../.."

// file is one Go file of this module.
type file struct {
	path string // below root
	set  *token.FileSet
	*ast.File
}

func (f file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// Each package has exactly one package comment, so that there is one place to read and change it.
func TestPackageComments(t *testing.T) {
	comments := map[string][]string{} // files with a package comment, by folder
	for _, f := range files(t) {
		folder := filepath.Dir(f.path)
		comments[folder] = append(comments[folder], nil...)
		if f.Doc != nil {
			comments[folder] = append(comments[folder], filepath.Base(f.path))
		}
	}
	for folder, names := range comments {
		if len(names) != 1 {
			t.Errorf("package comments of %s: in %q, want exactly one", folder, names)
		}
	}
}

func TestFiles_keep_to_their_part(t *testing.T) {
	rules := []struct {
		names  []string
		exempt func(file) bool
		why    string
	}{
		{
			[]string{"time.Sleep"},
			func(file) bool { return false },
			"code waits with poll.Every, which ends with its context; a test that sleeps is slow and unreliable",
		},
		{
			[]string{"os.Getenv", "os.LookupEnv", "os.Environ"},
			func(f file) bool { return f.isTest() || f.Name.Name == "main" || inPackage(f, "config") },
			"the environment is read once, in main and config, and passed on",
		},
		{
			[]string{"os.Exit", "log.Fatal", "log.Fatalf"},
			func(f file) bool { return f.Name.Name == "main" || f.isTest() },
			"only main exits; otherwise deferred calls would be skipped",
		},
	}
	for _, f := range files(t) {
		for _, rule := range rules {
			if rule.exempt(f) {
				continue
			}
			for name := range selectors(f.File) {
				if slices.Contains(rule.names, name) {
					t.Errorf("%s: %s: %s", f.path, name, rule.why)
				}
			}
		}
		for _, d := range f.Decls {
			if function, ok := d.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.Name == "init" {
				t.Errorf("%s: func init: it runs on every import, so it cannot be tested by itself", f.path)
			}
		}
	}
}

// selectors yields what a file uses of other packages, as package.Name.
func selectors(f *ast.File) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for node := range ast.Preorder(f) {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			if x, ok := selector.X.(*ast.Ident); ok && !yield(fmt.Sprintf("%s.%s", x.Name, selector.Sel.Name)) {
				return
			}
		}
	}
}

func inPackage(f file, names ...string) bool {
	below, _ := filepath.Rel("internal", filepath.Dir(f.path))
	first, _, _ := strings.Cut(filepath.ToSlash(below), "/")
	return slices.Contains(names, first)
}

// files returns all Go files of the module except those in testdata.
func files(t *testing.T) []file {
	t.Helper()
	var all []file
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "testdata" || name == ".git") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, path)
		all = append(all, file{path: below, set: set, File: parsed})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
