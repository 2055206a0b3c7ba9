// Package cloudwatch reads what CloudWatch has measured of a target group's requests, and the states of
// alarms. It changes nothing, and does not judge what it reads.
package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"pr-stack/internal/hint"
)

// ErrNoAlarm means that there is no alarm of a name.
var ErrNoAlarm = errors.New("there is no such alarm in the account and region")

// Source is whose requests are measured, by ARNs.
type Source struct {
	TargetGroup, LoadBalancer string
	// Alone means that the load balancer has no requests but those to the target group. What it answers
	// itself, such as 502 and 503, then counts as well: those metrics are by load balancer only.
	Alone bool
}

// Metrics are what was measured.
type Metrics struct {
	Requests, Errors int           // how many there were, and how many were answered 5xx or not at all
	P95              time.Duration // 95 of 100 were answered within it; 0 if it was not measured
	Last             time.Time     // the beginning of the last minute with requests; zero if there is none
}

// period is the length of the intervals that are read.
const period = time.Minute

// The metrics of a target group by their IDs in a query, and the statistic that is read of each.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
const (
	requests   = "requests"
	failed     = "failed"
	unreached  = "unreached"
	unanswered = "unanswered"
	latency    = "latency"
)

// Measure returns the metrics of the minutes from begin until end, which should be whole minutes. A minute
// appears a minute or two after its end.
func Measure(ctx context.Context, api *cloudwatch.Client, s Source, begin, end time.Time) (Metrics, error) {
	input := &cloudwatch.GetMetricDataInput{StartTime: &begin, EndTime: &end, MetricDataQueries: s.queries(), ScanBy: types.ScanByTimestampAscending}
	found := map[string]map[time.Time]float64{}
	pages := cloudwatch.NewGetMetricDataPaginator(api, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Metrics{}, fmt.Errorf("read the metrics of target group %s: %w", s.TargetGroup, err)
		}
		for _, r := range page.MetricDataResults {
			id := aws.ToString(r.Id)
			if found[id] == nil {
				found[id] = map[time.Time]float64{}
			}
			for i := range min(len(r.Timestamps), len(r.Values)) {
				found[id][r.Timestamps[i]] = r.Values[i]
			}
		}
	}
	return summarize(found), nil
}

// summarize adds up the minutes. CloudWatch gives a percentile by minute only, and percentiles do not add
// up: P95 is the mean of the minutes' by their requests, which one slow minute with few requests does not
// change much.
func summarize(found map[string]map[time.Time]float64) (m Metrics) {
	var seconds, weight float64
	for minute, n := range found[requests] {
		m.Requests += int(n)
		if n > 0 && minute.After(m.Last) {
			m.Last = minute
		}
		if p95, measured := found[latency][minute]; measured {
			seconds += p95 * n
			weight += n
		}
	}
	for _, id := range []string{failed, unreached, unanswered} {
		for _, n := range found[id] {
			m.Errors += int(n)
		}
	}
	m.Requests = max(m.Requests, m.Errors) // those for which there was no target are not counted
	if weight > 0 {
		m.P95 = time.Duration(seconds / weight * float64(time.Second))
	}
	return m
}

func (s Source) queries() []types.MetricDataQuery {
	balancer := dimension("LoadBalancer", after(s.LoadBalancer, ":loadbalancer/"))
	both := []types.Dimension{dimension("TargetGroup", "targetgroup/"+after(s.TargetGroup, ":targetgroup/")), balancer}
	list := []types.MetricDataQuery{
		query(requests, "RequestCount", "Sum", both),
		query(failed, "HTTPCode_Target_5XX_Count", "Sum", both),
		query(latency, "TargetResponseTime", "p95", both),
	}
	if s.Alone {
		return append(list, query(unanswered, "HTTPCode_ELB_5XX_Count", "Sum", []types.Dimension{balancer}))
	}
	// Of what the load balancer answers itself, only this is counted by target group.
	return append(list, query(unreached, "TargetConnectionErrorCount", "Sum", both))
}

func query(id, metric, statistic string, dimensions []types.Dimension) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, ReturnData: aws.Bool(true), MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: aws.String("AWS/ApplicationELB"), MetricName: &metric, Dimensions: dimensions},
		Period: aws.Int32(int32(period / time.Second)), Stat: &statistic,
	}}
}

func dimension(name, value string) types.Dimension {
	return types.Dimension{Name: &name, Value: &value}
}

// after returns the part of an ARN that metrics are kept by: app/NAME/ID of a load balancer,
// targetgroup/NAME/ID of a target group.
func after(arn, mark string) string {
	_, name, _ := strings.Cut(arn, mark)
	return name
}

// State is the state of an alarm.
type State struct {
	Name   string
	Alarm  bool
	Reason string // why the alarm is in its state, in CloudWatch's words
}

// States returns the states of metric alarms and composite alarms in the order of their names, which are
// given. The error wraps ErrNoAlarm if there is no alarm of a name.
func States(ctx context.Context, api *cloudwatch.Client, names []string) (list []State, err error) {
	if len(names) == 0 {
		return nil, nil
	}
	found := map[string]State{}
	note := func(name, reason *string, state types.StateValue) {
		found[*name] = State{Name: *name, Alarm: state == types.StateValueAlarm, Reason: aws.ToString(reason)}
	}
	// Without types, DescribeAlarms leaves composite alarms out.
	pages := cloudwatch.NewDescribeAlarmsPaginator(api, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: names, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the states of alarms: %w", err)
		}
		for _, a := range page.MetricAlarms {
			note(a.AlarmName, a.StateReason, a.StateValue)
		}
		for _, a := range page.CompositeAlarms {
			note(a.AlarmName, a.StateReason, a.StateValue)
		}
	}
	for _, name := range names {
		state, ok := found[name]
		if !ok {
			missing := hint.New("correct the input alarms: each line is the name of an alarm", "read the state of alarm %s: %s", name, ErrNoAlarm)
			missing.Cause = ErrNoAlarm
			return nil, missing
		}
		list = append(list, state)
	}
	return list, nil
}
