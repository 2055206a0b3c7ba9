package cloudwatch

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// minutes returns values by the minutes from noon on; one that is negative was not measured.
func minutes(values ...float64) map[time.Time]float64 {
	found := map[time.Time]float64{}
	for i, v := range values {
		if v >= 0 {
			found[noon.Add(time.Duration(i)*time.Minute)] = v
		}
	}
	return found
}

// The tests of package promotion measure requests; this one shows what is made of the minutes.
func TestSummarize(t *testing.T) {
	at := func(minute int) time.Time { return noon.Add(time.Duration(minute) * time.Minute) }
	for name, test := range map[string]struct {
		found map[string]map[time.Time]float64
		want  Metrics
	}{
		"nothing":                          {nil, Metrics{}},
		"three minutes":                    {map[string]map[time.Time]float64{requests: minutes(10, 20, 30), failed: minutes(-1, 2, 1)}, Metrics{Requests: 60, Errors: 3, Last: at(2)}},
		"no requests in the last minute":   {map[string]map[time.Time]float64{requests: minutes(10, -1, 0)}, Metrics{Requests: 10, Last: at(0)}},
		"a slow minute with few requests":  {map[string]map[time.Time]float64{requests: minutes(90, 10), latency: minutes(0.1, 1.1)}, Metrics{Requests: 100, P95: 200 * time.Millisecond, Last: at(1)}},
		"answers of the balancer itself":   {map[string]map[time.Time]float64{requests: minutes(10), failed: minutes(1), unanswered: minutes(4)}, Metrics{Requests: 10, Errors: 5, Last: at(0)}},
		"targets that refuse a connection": {map[string]map[time.Time]float64{requests: minutes(10), unreached: minutes(10)}, Metrics{Requests: 10, Errors: 10, Last: at(0)}},
		"no target to choose":              {map[string]map[time.Time]float64{unanswered: minutes(30)}, Metrics{Requests: 30, Errors: 30}},
	} {
		if got := summarize(test.found); got != test.want {
			t.Errorf("%s: summarize = %+v, want %+v", name, got, test.want)
		}
	}
}

// CloudWatch returns nothing for dimensions that it does not know, so a mistake here would look like silence.
func TestQueries_are_of_a_target_group_and_its_load_balancer(t *testing.T) {
	const arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:"
	for alone, want := range map[bool][]string{
		false: {"RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime", "TargetConnectionErrorCount"},
		true:  {"RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime", "HTTPCode_ELB_5XX_Count of the load balancer"},
	} {
		var got []string
		for _, q := range (Source{arn + "targetgroup/hello/01", arn + "loadbalancer/app/shared/02", alone}).queries() {
			name, dimensions := *q.MetricStat.Metric.MetricName, map[string]string{}
			for _, d := range q.MetricStat.Metric.Dimensions {
				dimensions[*d.Name] = *d.Value
			}
			if _, both := dimensions["TargetGroup"]; !both {
				name += " of the load balancer"
			} else if dimensions["TargetGroup"] != "targetgroup/hello/01" {
				t.Errorf("%s has the dimensions %v", name, dimensions)
			}
			if dimensions["LoadBalancer"] != "app/shared/02" || aws.ToInt32(q.MetricStat.Period) != 60 {
				t.Errorf("%s has the dimensions %v and the period %d", name, dimensions, aws.ToInt32(q.MetricStat.Period))
			}
			got = append(got, name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("alone %v: %q, want %q", alone, got, want)
		}
	}
}
