package command_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	fakeaws "pr-stack/internal/fake/aws"
)

func (s *script) rules(ts *testscript.TestScript, _ []string) {
	rules, err := s.Rules(context.Background())
	ts.Check(err)
	fmt.Fprintln(ts.Stdout(), strings.Join(rules, "\n"))
}

func (s *script) addRules(ts *testscript.TestScript, args []string) {
	var priorities []int
	for first := count(ts, args[0]); first <= count(ts, args[1]); first++ {
		priorities = append(priorities, first)
	}
	ts.Check(s.AddRules(context.Background(), "rules-from-"+args[0], priorities...))
	<-time.After(time.Minute)
}

func (s *script) hostedZone(_ *testscript.TestScript, args []string) {
	s.AWS.AddHostedZone(fakeaws.HostedZone{ID: args[0], Name: args[1], Undelegated: len(args) > 2})
}

// curlFrom asks the last run's URL from an address.
func (s *script) curlFrom(ts *testscript.TestScript, args []string) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.last.Output("url"), http.NoBody)
	ts.Check(err)
	request.RemoteAddr = net.JoinHostPort(args[0], "12345")
	response, err := s.AWS.RoundTrip(request)
	ts.Check(err)
	defer response.Body.Close()
	fmt.Fprintln(ts.Stdout(), response.StatusCode, response.Header.Get("Location"))
}
