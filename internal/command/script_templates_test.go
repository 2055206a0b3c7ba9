package command_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func writeExample(ts *testscript.TestScript, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs("."), os.DirFS(filepath.Join("../../testdata/templates", args[0]))))
}

func (s *script) permit(ts *testscript.TestScript, args []string) {
	s.Permit = nil
	for _, file := range args {
		s.Permit = append(s.Permit, ts.ReadFile(file))
	}
}

func (s *script) boundary(ts *testscript.TestScript, args []string) {
	arn, err := s.AWS.AddManagedPolicy(args[0], ts.ReadFile(args[1]))
	ts.Check(err)
	ts.Setenv("BOUNDARY", arn)
}

func (s *script) object(ts *testscript.TestScript, args []string) {
	var outputs map[string]string
	ts.Check(json.Unmarshal([]byte(s.last.Output("stack-outputs")), &outputs))
	body := ""
	if len(args) > 2 {
		body = ts.ReadFile(args[2])
	}
	s.AWS.PutObject(outputs[args[0]], args[1], body)
	ts.Setenv("BUCKET", outputs[args[0]])
}

func (s *script) objects(ts *testscript.TestScript, args []string) {
	base, err := s.BaseOutputs(context.Background())
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), strings.Join(s.AWS.ObjectKeys(base[args[0]]), "\n"))
}
