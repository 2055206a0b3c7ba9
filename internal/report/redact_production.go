package report

import (
	"slices"

	"pr-stack/internal/release"
)

func (r *Promotion) redacted(clean, redact func(string) string) *Promotion {
	c := *r
	c.Run, c.Stack, c.URL = r.Run.redacted(clean), r.Stack.redacted(redact), redact(r.URL)
	for _, g := range []*release.Generation{&c.Live, &c.From, &c.To} {
		*g = redactedGeneration(*g, redact)
	}
	c.Weights, c.Locked = redactedWeights(r.Weights, redact), redactedLock(r.Locked, clean)
	c.Steps = slices.Clone(r.Steps)
	for i := range c.Steps {
		c.Steps[i].Verdict = clean(c.Steps[i].Verdict)
	}
	c.Tested, c.Proof, c.Unproved = clean(r.Tested), each(r.Proof, clean), each(r.Unproved, clean)
	return &c
}

func (r *Overview) redacted(clean, redact func(string) string) *Overview {
	c := *r
	c.Run, c.Environments = r.Run.redacted(clean), slices.Clone(r.Environments)
	for i := range c.Environments {
		p := &c.Environments[i]
		p.URL, p.Stack = redact(p.URL), redact(p.Stack)
	}
	if r.Production == nil {
		return &c
	}
	served := *r.Production
	served.URL, served.Differs = redact(served.URL), clean(served.Differs)
	served.Weights, served.Locked = redactedWeights(served.Weights, redact), redactedLock(served.Locked, clean)
	served.Generations = slices.Clone(served.Generations)
	for i, g := range served.Generations {
		served.Generations[i] = redactedGeneration(g, redact)
	}
	c.Production = &served
	return &c
}

func redactedGeneration(g release.Generation, redact func(string) string) release.Generation {
	g.Stack, g.StackID, g.Image = redact(g.Stack), redact(g.StackID), redact(g.Image)
	return g
}

// redactedWeights redacts the names too: a target that is no stack is named by its ARN, which has the
// account's number.
func redactedWeights(w release.Weights, redact func(string) string) release.Weights {
	if w == nil {
		return nil
	}
	c := release.Weights{}
	for name, percent := range w {
		c[redact(name)] += percent
	}
	return c
}

func redactedLock(l *release.Locked, clean func(string) string) *release.Locked {
	if l == nil {
		return nil
	}
	return &release.Locked{Since: l.Since, By: clean(l.By), Reason: clean(l.Reason)}
}
