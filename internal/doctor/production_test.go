package doctor

import (
	"strings"
	"testing"

	"pr-stack/internal/report"
)

func TestProduction(t *testing.T) {
	whole := Production{Way: "listener", Host: "production.preview.example.com", Domain: "preview.example.com", Ingress: "shared", Needs: "shared", Promotes: true}
	for name, test := range map[string]struct {
		change func(*Production)
		want   string // in a check that is not ok; "" if all are
	}{
		"whole":          {func(*Production) {}, ""},
		"one rule":       {func(p *Production) { p.Requests.Before = []int{3} }, "those with priority 3"},
		"several rules":  {func(p *Production) { p.Requests.Before = []int{3, 7} }, "those with the priorities 3, 7"},
		"not read":       {func(p *Production) { p.Requests.Problem = &Problem{Why: "denied"} }, "could not be checked: denied"},
		"alarm not read": {func(p *Production) { p.Alarms = []Alarm{{Name: "a", Problem: &Problem{Why: "denied"}}} }, "could not be checked: denied"},
		"two labels":     {func(p *Production) { p.Host = "a.b.preview.example.com" }, "and not for a.b.preview.example.com"},
		"the domain":     {func(p *Production) { p.Host = "preview.example.com" }, "and not for preview.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			p := whole
			test.change(&p)
			var bad []string
			for _, c := range p.checks() {
				if c.Found != report.CheckOK {
					bad = append(bad, c.Line())
				}
			}
			if got := strings.Join(bad, "\n"); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("checks = %q, want %q", got, test.want)
			}
		})
	}
	if checks := (*Production)(nil).checks(); len(checks) > 0 {
		t.Errorf("without a way of promotion, the checks are %v", checks)
	}
}
