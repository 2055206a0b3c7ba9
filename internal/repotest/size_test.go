package repotest

import (
	"go/ast"
	"go/token"
	"testing"
)

const (
	maxFile     = 310 // lines; a longer file holds more than one concept
	maxFunction = 60  // lines; tests, whose tables are long, may have more
)

func TestSizes_fit_one_reading(t *testing.T) {
	for _, f := range files(t) {
		line := func(p token.Pos) int { return f.set.Position(p).Line }
		if n := line(f.FileEnd); n > maxFile {
			t.Errorf("%s has %d lines, want at most %d: what is its second concept?", f.path, n, maxFile)
		}
		if f.isTest() {
			continue
		}
		for _, d := range f.Decls {
			function, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := line(function.End()) - line(function.Pos()) + 1; n > maxFunction {
				t.Errorf("%s: func %s has %d lines, want at most %d", f.path, function.Name.Name, n, maxFunction)
			}
		}
	}
}
