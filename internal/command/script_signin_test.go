package command_test

import (
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func (s *script) idToken(_ *testscript.TestScript, args []string) {
	s.IDTokens, s.SubjectIDs, s.JobEnvironment = args[0] == "write", slices.Contains(args, "ids"), ""
	if _, name, ok := strings.Cut(args[len(args)-1], "environment="); ok {
		s.JobEnvironment = name
	}
}

func (s *script) oidcRole(ts *testscript.TestScript, args []string) {
	s.signInRoles++
	arn, err := s.TrustGitHub("hello-world", args[0], "github-"+args[0]+"-"+string(rune('a'+s.signInRoles)), args[1])
	ts.Check(err)
	ts.Setenv("ROLE", arn)
}

func (s *script) calls(ts *testscript.TestScript, args []string) {
	n := 0
	for _, call := range s.AWS.Calls() {
		if call.Operation == args[0] {
			n++
		}
	}
	if n != count(ts, args[1]) {
		ts.Fatalf("%s was called %d times", args[0], n)
	}
}
