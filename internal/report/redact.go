package report

import (
	"maps"
	"slices"

	"pr-stack/internal/timeline"
)

// Redacted returns a copy of a result without secrets: clean is applied to every text that others
// may have written, and redact to what this run made, such as its stack's ID. Call it before
// anything is rendered: rendering escapes, capitalizes and breaks texts, so that neither would
// recognize a secret any more.
func Redacted(r Result, clean, redact func(string) string) Result {
	switch r := r.(type) {
	case *Deployment:
		c := *r
		c.Stack, c.Image, c.URL = r.Stack.redacted(redact), redact(r.Image), redact(r.URL)
		c.Run = r.redacted(clean)
		c.Proof, c.Unproved = each(r.Proof, clean), each(r.Unproved, clean)
		if r.StillUp != nil {
			c.StillUp = &Previous{Commit: r.StillUp.Commit, URL: redact(r.StillUp.URL)}
		}
		return &c
	case *Destruction:
		c := *r
		c.Stack, c.Run = r.Stack.redacted(redact), r.redacted(clean)
		return &c
	case *Promotion:
		return r.redacted(clean, redact)
	case *Overview:
		return r.redacted(clean, redact)
	case *Bootstrap:
		c := *r
		c.Stack, c.Run, c.Roles = r.Stack.redacted(redact), r.redacted(clean), slices.Clone(r.Roles)
		for i := range c.Roles {
			c.Roles[i].ARN = redact(c.Roles[i].ARN)
		}
		return &c
	case *Sweep:
		c := *r
		c.Run, c.Environments = r.redacted(clean), slices.Clone(r.Environments)
		for i := range c.Environments {
			c.Environments[i].Why = clean(c.Environments[i].Why)
		}
		return &c
	case *Doctor:
		return r.redacted(clean)
	case *Refusal:
		c := *r
		c.Run, c.Failures = r.redacted(clean), slices.Clone(r.Failures)
		for i := range c.Failures {
			c.Failures[i] = c.Failures[i].redacted(clean)
		}
		return &c
	}
	return r
}

// redacted applies redact to the stack's ID, too: the account's number may be one of the secrets.
func (s Stack) redacted(redact func(string) string) Stack {
	s.ID, s.Outputs = redact(s.ID), maps.Clone(s.Outputs)
	for name, value := range s.Outputs {
		s.Outputs[name] = redact(value)
	}
	return s
}

func (r Run) redacted(clean func(string) string) Run {
	r.Reason = clean(r.Reason)
	if r.Failure != nil {
		f := r.Failure.redacted(clean)
		r.Failure = &f
	}
	r.Phases = slices.Clone(r.Phases)
	for i, p := range r.Phases {
		r.Phases[i] = timeline.Phase{Name: clean(p.Name), Took: p.Took, Note: clean(p.Note)}
	}
	r.Bars = slices.Clone(r.Bars)
	for i, b := range r.Bars {
		r.Bars[i].Name, r.Bars[i].Part = clean(b.Name), clean(b.Part)
	}
	return r
}

func (f Failure) redacted(clean func(string) string) Failure {
	return Failure{
		Summary: clean(f.Summary), Message: clean(f.Message), Log: each(f.Log, clean),
		Hint: clean(f.Hint), NextStep: clean(f.NextStep),
	}
}

// WithoutLogs returns a copy of a result that quotes no container's log.
func WithoutLogs(r Result) Result {
	if r.Common().Failure == nil {
		return r
	}
	f := *r.Common().Failure
	f.Log = nil
	switch r := r.(type) {
	case *Deployment:
		c := *r
		c.Failure = &f
		return &c
	case *Destruction:
		c := *r
		c.Failure = &f
		return &c
	case *Promotion:
		c := *r
		c.Failure = &f
		return &c
	}
	return r
}

func each(list []string, change func(string) string) (changed []string) {
	for _, s := range list {
		changed = append(changed, change(s))
	}
	return changed
}
