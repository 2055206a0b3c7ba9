package command_test

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"pr-stack/internal/template"
)

func replace(ts *testscript.TestScript, args []string) {
	changed := strings.ReplaceAll(ts.ReadFile(args[0]), args[1], args[2])
	if changed == ts.ReadFile(args[0]) {
		ts.Fatalf("%s has no %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(changed), 0o600))
}

func growFile(ts *testscript.TestScript, args []string) {
	body := ts.ReadFile(args[0])
	body += "#" + strings.Repeat("x", count(ts, args[1])-len(body)-1)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(body), 0o600))
}

func writeTemplate(ts *testscript.TestScript, args []string) {
	name := append(args, "fargate")[1]
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(template.ByName(name)), 0o600))
}
