package command_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// judge compares what a run says at its end with what is there at that moment.
func (s *simulation) judge(r *simulatedRun) {
	alone := len(s.running()) == 0
	status := r.Output("status")
	switch {
	case s.excuses.allow(r, mayEndAnyhow):
	case r.ExitCode != 0 && !s.excuses.allow(r, mayFail):
		s.complain(r, "nothing happened for which it may fail")
	case r.ExitCode != 0:
		if len(r.Errors()) == 0 {
			s.complain(r, "it does not say why")
		}
	case s.taken && status != "skipped":
		s.complain(r, "the stack is not pr-stack's")
	case slices.Contains([]string{"created", "updated", "unchanged", "recreated"}, status):
		if err := s.serves(r); err != nil && !s.excuses.allow(r, mayServeOther) {
			s.complain(r, "%s", err)
		}
	case slices.Contains([]string{"deleted", "absent"}, status) && alone && !s.isOpen():
		if stack, err := s.Stack(s.t.Context(), stackName); err == nil {
			s.complain(r, "the stack is in %s", stack.Status)
		}
	}
}

// serves returns an error unless the run's URL serves the run's image. A container answers with the
// image that it runs.
func (s *simulation) serves(r *simulatedRun) error {
	url := r.Output("url")
	status, body, err := s.Get(s.t.Context(), url)
	if err == nil && (status != "200 OK" || !strings.HasSuffix(body, r.digest)) {
		err = fmt.Errorf("%s answers %s %q, want the code of %s", url, status, body, r.digest)
	}
	return err
}

// settle ends the history: runs come to their ends, nothing fails any more, and after one more run
// there has to be what should be there.
func (s *simulation) settle() {
	for _, r := range s.all {
		s.await(r, "it is still running")
	}
	<-time.After(time.Minute) // half an hour by the account's clock
	s.AWS.Heal()
	s.GitHub.Heal()
	s.setScenario("")
	s.excuses.clear()
	if s.taken {
		s.checkRemains(false)
		return
	}
	last := s.event(map[bool]string{true: "synchronize", false: "closed"}[s.isOpen()])
	s.await(last, "the last run does not end")
	<-time.After(time.Millisecond) // for judge
	if last.ExitCode != 0 || s.isOpen() && last.Output("url") == "" {
		s.complain(last, "nothing went wrong any more")
	}
	s.checkRemains(s.isOpen())
}

func (s *simulation) await(r *simulatedRun, complaint string) {
	select {
	case <-r.Done:
	case <-time.After(3 * time.Hour):
		s.complain(r, "%s", complaint)
		r.Kill()
	}
}

// checkRemains notes what is missing in the end, and what should not be there.
func (s *simulation) checkRemains(up bool) {
	want := []string{"hello-world-base", "hello-world-base-roles", "hello-world-pr-71", "other"}
	if up || s.taken {
		want = append(want, stackName)
	}
	slices.Sort(want)
	if got := s.stackNames(); !slices.Equal(got, want) {
		s.note(fmt.Sprintf("in the end there are the stacks %q, want %q", got, want))
	}
	tags := s.imageTags()
	for _, tag := range tags {
		if strings.HasPrefix(tag, "pr-7.") && !up && !s.taken {
			s.note("in the end there is the image " + tag)
		}
	}
	for _, tag := range []string{"latest", "pr-71-000000000000"} {
		if !slices.Contains(tags, tag) {
			s.note("in the end the image " + tag + " is missing")
		}
	}
	if up {
		if err := s.serves(s.all[len(s.all)-1]); err != nil {
			s.note("in the end " + err.Error())
		}
	}
}
