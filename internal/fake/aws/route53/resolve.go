package route53

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// answer is one that a resolver keeps.
type answer struct {
	target string
	known  bool
	until  time.Time
}

// Resolve returns what a name is an alias of, for a client. The name is known if it is in a zone of the
// account. It is called without the account's lock.
func (r *Route53) Resolve(client, name string) (target string, known bool) {
	r.account.Lock()
	defer r.account.Unlock()
	r.account.Advance()
	at := [2]string{client, name}
	if kept, ok := r.kept[at]; ok && r.account.Now().Before(kept.until) {
		return kept.target, kept.known
	}
	target, known = r.query(name)
	if r.KeepAnswers > 0 && target != "" {
		keep := time.Duration(float64(r.KeepAnswers) * r.account.Scale)
		r.kept[at] = answer{target, known, r.account.Now().Add(keep)}
	}
	return target, known
}

// query returns what name servers answer.
func (r *Route53) query(name string) (target string, known bool) {
	for _, id := range slices.Sorted(maps.Keys(r.zones)) {
		z := r.zones[id]
		if !z.contains(name) {
			continue
		}
		known = true
		if z.Undelegated {
			continue
		}
		if found, ok := z.choose(r.eligible(z.lookUp(name))); ok {
			return found.target, true
		}
	}
	return "", known
}

// lookUp returns the records of a name, or of the wildcard nearest to it (RFC 4592).
func (z *zone) lookUp(name string) []record {
	if found := z.servedAs(name); len(found) > 0 {
		return found
	}
	for _, parent, more := strings.Cut(name, "."); more; _, parent, more = strings.Cut(parent, ".") {
		if found := z.servedAs("*." + parent); len(found) > 0 {
			return found
		}
	}
	return nil
}

// servedAs returns the aliases of one name, of one type: A, if there are any.
func (z *zone) servedAs(name string) (list []record) {
	for _, r := range z.served {
		if r.name == name && r.target != "" {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b record) int { return compare(a.key, b.key) })
	return slices.DeleteFunc(list, func(r record) bool { return r.kind != list[0].kind })
}

// eligible returns the records from which Route 53 chooses. It leaves out those whose target is not healthy;
// if none is, it treats all as healthy. A weight of 0 counts only if no record with another weight is left,
// and records that all have 0 are equal.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
func (r *Route53) eligible(list []record) []record {
	healthy := func(one record) bool { return !one.evaluate || r.Healthy == nil || r.Healthy(one.target) }
	loaded := func(one record) bool { return !one.weighted || one.weight > 0 }
	for _, fits := range []func(record) bool{
		func(one record) bool { return loaded(one) && healthy(one) },
		healthy,
		loaded,
	} {
		if some := slices.DeleteFunc(slices.Clone(list), func(one record) bool { return !fits(one) }); len(some) > 0 {
			return some
		}
	}
	return list
}

// choose returns one of the records by smooth weighted round robin: of as many answers as the sum of the
// weights, each record gets as many as its weight.
func (z *zone) choose(list []record) (chosen record, ok bool) {
	total := 0
	for _, one := range list {
		weight := one.weight
		if weight == 0 {
			weight = 1 // all of them are 0, or none is weighted
		}
		total += weight
		z.credits[one.key] += weight
		if !ok || z.credits[one.key] > z.credits[chosen.key] {
			chosen, ok = one, true
		}
	}
	z.credits[chosen.key] -= total
	return chosen, ok
}
