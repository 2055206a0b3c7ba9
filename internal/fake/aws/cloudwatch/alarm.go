package cloudwatch

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/wire"
)

// Alarm is an alarm. With a Metric, its state follows the metric until SetAlarm sets it.
type Alarm struct {
	Name      string
	State     string // OK, ALARM or INSUFFICIENT_DATA, which is the state if it is empty
	Composite bool   // it is described only to those who ask for composite alarms

	// It is in ALARM while, in each of the last Periods minutes that have data and are visible, the Statistic
	// of Metric in AWS/ApplicationELB is greater than Threshold.
	Metric     string
	Dimensions map[string]string
	Statistic  string // Sum if empty
	Threshold  float64
	Periods    int // 1 if 0

	updated time.Time
}

// AddAlarm adds an alarm, or replaces the one of its name.
func (c *CloudWatch) AddAlarm(a Alarm) {
	a.updated = c.account.Now()
	c.alarms = slices.DeleteFunc(c.alarms, func(other *Alarm) bool { return other.Name == a.Name })
	c.alarms = append(c.alarms, &a)
	slices.SortFunc(c.alarms, func(a, b *Alarm) int { return strings.Compare(a.Name, b.Name) })
}

// SetAlarm sets the state of an alarm, which keeps it. Without such an alarm it adds one.
func (c *CloudWatch) SetAlarm(name, state string) {
	for _, a := range c.alarms {
		if a.Name == name {
			a.State, a.updated = state, c.account.Now()
			return
		}
	}
	c.AddAlarm(Alarm{Name: name, State: state})
}

// state returns an alarm's state now.
func (c *CloudWatch) state(a *Alarm) string {
	if a.State != "" || a.Metric == "" {
		return cmp.Or(a.State, "INSUFFICIENT_DATA")
	}
	found := c.metrics[metric{"AWS/ApplicationELB", a.Metric, joined(a.Dimensions)}]
	last := c.minute(c.account.Now())
	for !c.visible(last) {
		last--
	}
	state := "INSUFFICIENT_DATA"
	for minute := last - int64(max(a.Periods, 1)) + 1; minute <= last; minute++ {
		if len(found[minute]) == 0 {
			continue
		}
		if value, err := statistic(cmp.Or(a.Statistic, "Sum"), found[minute]); err != nil || value <= a.Threshold {
			return "OK"
		}
		state = "ALARM"
	}
	return state
}

// alarmRequest is the input of DescribeAlarms.
type alarmRequest struct {
	AlarmNames      []string
	AlarmNamePrefix string
	AlarmTypes      []string // MetricAlarm if there are none
	StateValue      string
	MaxRecords      int
	NextToken       string
}

func (q alarmRequest) asksFor(a *Alarm, state string) bool {
	kind := "MetricAlarm"
	if a.Composite {
		kind = "CompositeAlarm"
	}
	ofKind := slices.Contains(q.AlarmTypes, kind) || len(q.AlarmTypes) == 0 && !a.Composite
	return ofKind && (len(q.AlarmNames) == 0 || slices.Contains(q.AlarmNames, a.Name)) &&
		strings.HasPrefix(a.Name, q.AlarmNamePrefix) && (q.StateValue == "" || q.StateValue == state)
}

// describeAlarms lists alarms by their names. One that does not exist is not in the answer.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
func (c *CloudWatch) describeAlarms(q alarmRequest) (any, error) {
	var found []*Alarm
	for _, a := range c.alarms {
		if q.asksFor(a, c.state(a)) {
			found = append(found, a)
		}
	}
	page, next := wire.Page(found, q.NextToken, c.account.PageSize(cmp.Or(q.MaxRecords, 50)))
	metric, composite := []any{}, []any{}
	for _, a := range page {
		if described := c.describe(a); a.Composite {
			composite = append(composite, described)
		} else {
			metric = append(metric, described)
		}
	}
	answer := map[string]any{"MetricAlarms": metric, "CompositeAlarms": composite}
	if next != "" {
		answer["NextToken"] = next
	}
	return answer, nil
}

func (c *CloudWatch) describe(a *Alarm) map[string]any {
	d := map[string]any{
		"AlarmName": a.Name, "AlarmArn": c.account.ARN("cloudwatch", "alarm:"+a.Name), "StateValue": c.state(a),
		"StateReason": "", "StateUpdatedTimestamp": wire.EpochSeconds(a.updated), "ActionsEnabled": true,
	}
	if a.Metric != "" {
		d["Namespace"], d["MetricName"], d["Threshold"] = "AWS/ApplicationELB", a.Metric, a.Threshold
		d["ComparisonOperator"], d["Period"], d["EvaluationPeriods"] = "GreaterThanThreshold", 60, max(a.Periods, 1)
	}
	return d
}
