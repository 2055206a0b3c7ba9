package elb

import (
	"maps"
	"net/url"
	"slices"
	"strconv"

	"pr-stack/internal/fake/aws/internal/wire"
)

// limits are those of a new account, as far as they matter here.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
var limits = map[string]int{
	"application-load-balancers":                  50,
	"target-groups":                               3000,
	"rules-per-application-load-balancer":         100,
	"target-groups-per-application-load-balancer": 100,
}

// SetLimit changes a limit, as AWS does after a request.
func (e *ELB) SetLimit(name string, value int) { e.changed[name] = value }

func (e *ELB) describeAccountLimits(form url.Values) (any, error) {
	type limit struct{ Name, Max string }
	current := maps.Clone(limits)
	maps.Copy(current, e.changed)
	var list []limit
	for _, name := range slices.Sorted(maps.Keys(current)) {
		list = append(list, limit{name, strconv.Itoa(current[name])})
	}
	var answer struct {
		Limits     []limit `xml:"Limits>member"`
		NextMarker string  `xml:",omitempty"`
	}
	answer.Limits, answer.NextMarker = wire.Page(list, form.Get("Marker"), e.account.PageSize(400))
	return answer, nil
}
