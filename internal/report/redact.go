package report

import (
	"slices"

	"pr-stack/internal/timeline"
)

// Redacted returns a copy of a result without secrets: redact is applied to every text that others
// may have written. Call it before anything is rendered: rendering escapes, capitalizes and breaks
// texts, so that redact would no longer recognize a secret.
func Redacted(r Result, redact func(string) string) Result {
	switch r := r.(type) {
	case *Deployment:
		c := *r
		c.Run = r.redacted(redact)
		c.Proof, c.Unproved = each(r.Proof, redact), each(r.Unproved, redact)
		return &c
	case *Destruction:
		c := *r
		c.Run = r.redacted(redact)
		return &c
	case *Bootstrap:
		c := *r
		c.Run = r.redacted(redact)
		return &c
	case *Sweep:
		c := *r
		c.Run, c.Environments = r.redacted(redact), slices.Clone(r.Environments)
		for i := range c.Environments {
			c.Environments[i].Why = redact(c.Environments[i].Why)
		}
		return &c
	case *Refusal:
		c := *r
		c.Run, c.Failures = r.redacted(redact), slices.Clone(r.Failures)
		for i := range c.Failures {
			c.Failures[i] = c.Failures[i].redacted(redact)
		}
		return &c
	}
	return r
}

func (r Run) redacted(redact func(string) string) Run {
	r.Reason = redact(r.Reason)
	if r.Failure != nil {
		f := r.Failure.redacted(redact)
		r.Failure = &f
	}
	r.Phases = slices.Clone(r.Phases)
	for i, p := range r.Phases {
		r.Phases[i] = timeline.Phase{Name: redact(p.Name), Took: p.Took, Note: redact(p.Note)}
	}
	r.Bars = slices.Clone(r.Bars)
	for i, b := range r.Bars {
		r.Bars[i].Name, r.Bars[i].Part = redact(b.Name), redact(b.Part)
	}
	return r
}

func (f Failure) redacted(redact func(string) string) Failure {
	return Failure{
		Summary: redact(f.Summary), Message: redact(f.Message), Log: each(f.Log, redact),
		Hint: redact(f.Hint), NextStep: redact(f.NextStep),
	}
}

func each(list []string, change func(string) string) (changed []string) {
	for _, s := range list {
		changed = append(changed, change(s))
	}
	return changed
}
