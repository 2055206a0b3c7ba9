package command_test

import (
	"context"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"pr-stack/internal/actiontest"
	"pr-stack/internal/permissions"
	"pr-stack/internal/template"
)

func (s *script) quota(ts *testscript.TestScript, args []string) {
	value, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	s.AWS.SetQuota(args[0], args[1], value)
}

func (s *script) limit(ts *testscript.TestScript, args []string) {
	s.AWS.SetLoadBalancingLimit(args[0], count(ts, args[1]))
}

// oldBase creates the base stack from a template without some of the outputs.
func (s *script) oldBase(ts *testscript.TestScript, args []string) {
	head, outputs, _ := strings.Cut(template.Base, "\nOutputs:\n")
	for _, name := range args {
		outputs = regexp.MustCompile(`(?m)^  `+name+`:\n(    .*\n)*`).ReplaceAllString(outputs, "")
	}
	s.createBase(ts, head+"\nOutputs:\n"+outputs)
}

// rights sets what a role may do: as bootstrap printed it, with changes. +ACTION is allowed on
// everything, -ACTION is not allowed, and !ACTION is denied.
func (s *script) rights(ts *testscript.TestScript, args []string) {
	arn, err := s.RoleARN("hello-world", args[0])
	ts.Check(err)
	base, err := s.Stack(context.Background(), actiontest.BaseStack)
	ts.Check(err)
	roles, err := permissions.Roles(permissions.Base{Service: "hello-world", StackID: base.ID, Outputs: base.Outputs})
	ts.Check(err)
	var policy permissions.Policy
	for _, role := range roles {
		if role.Name == args[0] {
			policy = role.Policy
		}
	}
	for _, change := range args[1:] {
		more := permissions.Statement{Sid: "More", Effect: "Allow", Action: []string{change[1:]}, Resource: []string{"*"}}
		switch change[0] {
		case '-':
			policy = without(change[1:])(policy)
		case '!':
			more.Effect = "Deny"
			policy.Statement = append(policy.Statement, more)
		case '+':
			policy.Statement = append(policy.Statement, more)
		}
	}
	text, err := json.Marshal(policy)
	ts.Check(err)
	ts.Check(s.AWS.SetRolePolicies(arn[strings.LastIndex(arn, "/")+1:], string(text)))
	ts.Setenv("ROLE", arn)
}
