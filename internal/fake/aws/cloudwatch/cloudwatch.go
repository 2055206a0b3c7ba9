// Package cloudwatch is Amazon CloudWatch: metrics that other services measure, which become visible late,
// and alarms.
package cloudwatch

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// CloudWatch is the account's metrics and alarms.
type CloudWatch struct {
	// Delay is how long after the end of a minute its data becomes visible; 0 means 75 seconds, and less than
	// 0 that it is visible at once.
	Delay time.Duration

	account *account.Account
	metrics map[metric]map[int64][]float64 // values, by the number of the minute
	alarms  []*Alarm
}

// metric is one metric with its dimensions: NAME=VALUE, sorted, separated by commas.
type metric struct{ namespace, name, dimensions string }

// defaultDelay is not recorded. Load balancers send what they measured "in 60-second intervals", and users
// see it one or two minutes late.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
const defaultDelay = 75 * time.Second

// New returns a CloudWatch without data.
func New(a *account.Account) *CloudWatch {
	return &CloudWatch{account: a, metrics: map[metric]map[int64][]float64{}}
}

// Measure adds a value to a metric now. It is called with the account's lock held.
func (c *CloudWatch) Measure(namespace, name string, dimensions map[string]string, value float64) {
	m := metric{namespace, name, joined(dimensions)}
	if c.metrics[m] == nil {
		c.metrics[m] = map[int64][]float64{}
	}
	minute := c.minute(c.account.Now())
	c.metrics[m][minute] = append(c.metrics[m][minute], value)
}

func joined(dimensions map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(dimensions)) {
		list = append(list, name+"="+dimensions[name])
	}
	return strings.Join(list, ",")
}

// scaled is how long a duration takes here.
func (c *CloudWatch) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * c.account.Scale)
}

// minute returns the number of the minute that a time is in.
func (c *CloudWatch) minute(at time.Time) int64 { return at.UnixNano() / int64(c.scaled(time.Minute)) }

// start returns when a minute begins.
func (c *CloudWatch) start(minute int64) time.Time {
	return time.Unix(0, minute*int64(c.scaled(time.Minute)))
}

// visible reports whether the data of a minute can be read.
func (c *CloudWatch) visible(minute int64) bool {
	delay := cmp.Or(c.Delay, defaultDelay)
	return delay < 0 || !c.account.Now().Before(c.start(minute+1).Add(c.scaled(delay)))
}

// Operations returns the API.
func (c *CloudWatch) Operations() wire.Operations {
	operations := wire.Operations{JSON: map[string]wire.JSON{}}
	maps.Copy(operations.JSON, wire.Decoded(map[string]func(dataRequest) (any, error){"GetMetricData": c.getMetricData}).JSON)
	maps.Copy(operations.JSON, wire.Decoded(map[string]func(alarmRequest) (any, error){"DescribeAlarms": c.describeAlarms}).JSON)
	return operations
}

// CallPermissions returns what the API's operations need. Metrics are on no particular resource. To describe
// alarms is on all of them, whichever are asked for (amazon-cloudwatch-auto-alarms#1), and for composite
// alarms the policy's resource must be * (cdk-enterprise-iac#202).
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/permissions-reference-cw.html
func (c *CloudWatch) CallPermissions() permission.Table {
	return permission.Table{
		"GetMetricData": func(wire.Request) []account.Access {
			return []account.Access{{Action: "cloudwatch:GetMetricData", Resource: "*"}}
		},
		"DescribeAlarms": func(q wire.Request) []account.Access {
			var input alarmRequest
			resource := c.account.ARN("cloudwatch", "alarm:*")
			if json.Unmarshal(q.Body, &input) == nil && slices.Contains(input.AlarmTypes, "CompositeAlarm") {
				resource = "*"
			}
			return []account.Access{{Action: "cloudwatch:DescribeAlarms", Resource: resource}}
		},
	}
}
