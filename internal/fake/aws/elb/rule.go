package elb

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/property"
)

// rule sends the requests that fit all of its conditions elsewhere.
type rule struct {
	arn        string
	priority   int
	conditions []condition
	actions    []action // as they were asked for
	inEffect   []action // that requests follow; nil: the rule is not in effect yet
}

// condition is one field of a request, and the values of which it must have one.
type condition struct {
	field  string // host-header, path-pattern or source-ip
	values []string
}

// request is what a listener looks at.
type request struct {
	host, path, source string
	secure             bool
}

// ordered returns the rules of a listener, the one that is tried first in front.
func (l *listener) ordered() []*rule {
	var list []*rule
	for _, r := range l.rules {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *rule) int { return a.priority - b.priority })
	return list
}

// actionsFor returns what a listener does with a request.
func (l *listener) actionsFor(q request) []action {
	for _, r := range l.ordered() {
		if r.inEffect != nil && !slices.ContainsFunc(r.conditions, func(c condition) bool { return !c.fits(q) }) {
			return r.inEffect
		}
	}
	return l.defaults
}

func (c condition) fits(q request) bool {
	return slices.ContainsFunc(c.values, func(value string) bool {
		switch c.field {
		case "host-header":
			return wildcard(strings.ToLower(value)).MatchString(strings.ToLower(q.host))
		case "path-pattern":
			return wildcard(value).MatchString(q.path)
		default:
			block, err := netip.ParsePrefix(value)
			source, bad := netip.ParseAddr(q.source)
			return err == nil && bad == nil && block.Contains(source)
		}
	})
}

// wildcard returns the expression of a pattern in which * is any text and ? any character.
func wildcard(pattern string) *regexp.Regexp {
	text := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + text + "$")
}

// configs are where a condition of each field may have its values, besides Values.
var configs = map[string]string{"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig", "source-ip": "SourceIpConfig"}

// configure applies properties as a template has them; those that p lacks stay. It returns why AWS refuses
// them, or the zero refusal.
func (r *rule) configure(l *listener, p map[string]any) refusal {
	if _, given := p["Priority"]; given || r.priority == 0 {
		r.priority = property.Number(p["Priority"], 0)
	}
	if _, given := p["Actions"]; given {
		r.actions = readActions(p["Actions"])
	}
	if _, given := p["Conditions"]; given {
		if refused := r.readConditions(p["Conditions"]); refused != (refusal{}) {
			return refused
		}
	}
	values := 0
	for _, c := range r.conditions {
		values += len(c.values)
	}
	switch {
	case r.priority < 1 || r.priority > 50000:
		return refusal{}.invalid("Priority must be between 1 and 50000")
	case values == 0:
		return refusal{}.invalid("A condition value must be specified")
	case values > 5: // application/load-balancer-limits.html, "Condition values per rule"
		return refusal{}.invalid("Rules can have at most 5 condition values")
	case slices.ContainsFunc(l.ordered(), func(other *rule) bool { return other.arn != r.arn && other.priority == r.priority }):
		return inUse(r.priority)
	}
	return checkActions(l, r.actions)
}

func (r *rule) readConditions(v any) (refusal refusal) {
	r.conditions = nil
	for _, item := range property.List(v) {
		c := condition{field: property.Text(property.Object(item)["Field"]), values: property.Texts(property.Object(item)["Values"])}
		name, known := configs[c.field]
		if !known {
			return refusal.invalid("Condition field '" + c.field + "' must be one of '[path-pattern, host-header, source-ip]'")
		}
		c.values = append(c.values, property.Texts(property.Object(property.Object(item)[name])["Values"])...)
		r.conditions = append(r.conditions, c)
	}
	return refusal
}
