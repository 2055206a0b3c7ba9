package release

import (
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	ms := time.Millisecond
	for name, test := range map[string]struct {
		candidate, stable Sample
		limits            Limits
		want              Verdict
	}{
		"as good as before":                     {Sample{100, 0, 100 * ms}, Sample{1900, 2, 100 * ms}, DefaultLimits, Good},
		"few errors":                            {Sample{100, 1, 100 * ms}, Sample{1900, 0, 100 * ms}, DefaultLimits, Good},
		"many errors":                           {Sample{100, 5, 100 * ms}, Sample{1900, 0, 100 * ms}, DefaultLimits, Bad},
		"many errors, and before as many":       {Sample{100, 5, 100 * ms}, Sample{1900, 95, 100 * ms}, DefaultLimits, Good},
		"many errors, and nothing to compare":   {Sample{100, 5, 100 * ms}, Sample{}, DefaultLimits, Bad},
		"slow":                                  {Sample{100, 0, 400 * ms}, Sample{1900, 0, 100 * ms}, DefaultLimits, Bad},
		"a few milliseconds slower":             {Sample{100, 0, 12 * ms}, Sample{1900, 0, 3 * ms}, DefaultLimits, Good},
		"slow, and nothing to compare":          {Sample{100, 0, 400 * ms}, Sample{3, 0, 100 * ms}, DefaultLimits, Good},
		"too few requests":                      {Sample{19, 19, 400 * ms}, Sample{1900, 0, 100 * ms}, DefaultLimits, Undecided},
		"no requests, which need not be judged": {Sample{}, Sample{}, Limits{}, Unjudged},
	} {
		if got, why := test.limits.Judge(test.candidate, test.stable); got != test.want || why == "" {
			t.Errorf("%s: %s (%s), want %s", name, got, why, test.want)
		}
	}
}
