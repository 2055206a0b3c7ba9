package cloudwatch

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/wire"
)

// dataRequest is the input of GetMetricData. Its times are seconds.
type dataRequest struct {
	StartTime, EndTime float64
	MetricDataQueries  []query
	MaxDatapoints      int
	NextToken          string
	ScanBy             string
}

type query struct {
	ID         string `json:"Id"`
	Expression string
	Label      string
	ReturnData *bool
	MetricStat stat
}

// stat is what a query asks of a metric.
type stat struct {
	Metric struct {
		Namespace, MetricName string
		Dimensions            []struct{ Name, Value string }
	}
	Period int
	Stat   string
}

// point is one value of a query.
type point struct {
	query int // its index
	at    time.Time
	value float64
}

// getMetricData returns values from a start to before an end, the newest first unless asked otherwise. A
// minute without data has no value.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
func (c *CloudWatch) getMetricData(q dataRequest) (any, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	var points []point
	for i, one := range q.MetricDataQueries {
		if one.ReturnData != nil && !*one.ReturnData {
			continue
		}
		found, err := c.points(i, one.MetricStat, seconds(q.StartTime), seconds(q.EndTime))
		if err != nil {
			return nil, err
		}
		if q.ScanBy != "TimestampAscending" {
			slices.Reverse(found)
		}
		points = append(points, found...)
	}
	page, next := wire.Page(points, q.NextToken, c.account.PageSize(cmp.Or(q.MaxDatapoints, 100800)))
	rest := points[min(len(points), pageEnd(next, len(points))):]
	answer := map[string]any{"MetricDataResults": q.results(page, rest), "Messages": []any{}}
	if next != "" {
		answer["NextToken"] = next
	}
	return answer, nil
}

// pageEnd returns where the next page begins, or the end of all.
func pageEnd(next string, all int) int {
	if n, err := strconv.Atoi(next); err == nil {
		return n
	}
	return all
}

// check refuses what CloudWatch refuses. The fake has no expressions.
func (q dataRequest) check() error {
	switch {
	case q.StartTime >= q.EndTime:
		return wire.Invalid("The parameter StartTime must be less than the parameter EndTime.")
	case len(q.MetricDataQueries) > 500:
		return wire.Invalid("The collection MetricDataQueries must not have a size greater than 500.")
	}
	for _, one := range q.MetricDataQueries {
		if one.Expression != "" {
			return wire.Invalid("the fake has no metric math: " + one.Expression)
		}
		if one.MetricStat.Period <= 0 || one.MetricStat.Period%60 != 0 {
			return wire.Invalid("The parameter Period must be a multiple of 60.") // inferred
		}
	}
	return nil
}

func seconds(s float64) time.Time { return time.UnixMilli(int64(s * 1000)) }

// results returns the results of all queries, with the values on this page.
func (q dataRequest) results(page, rest []point) []any {
	list := []any{}
	for i, one := range q.MetricDataQueries {
		if one.ReturnData != nil && !*one.ReturnData {
			continue
		}
		times, values := []any{}, []any{}
		for _, p := range page {
			if p.query == i {
				times, values = append(times, wire.EpochSeconds(p.at)), append(values, p.value)
			}
		}
		status := "Complete"
		if slices.ContainsFunc(rest, func(p point) bool { return p.query == i }) {
			status = "PartialData"
		}
		list = append(list, map[string]any{
			"Id": one.ID, "Label": cmp.Or(one.Label, one.MetricStat.Metric.MetricName), "StatusCode": status,
			"Timestamps": times, "Values": values,
		})
	}
	return list
}

// points returns the values of a query, oldest first. The start is rounded down to its minute.
func (c *CloudWatch) points(index int, s stat, start, end time.Time) (list []point, err error) {
	dimensions := map[string]string{}
	for _, d := range s.Metric.Dimensions {
		dimensions[d.Name] = d.Value
	}
	found := c.metrics[metric{s.Metric.Namespace, s.Metric.MetricName, joined(dimensions)}]
	minutes := int64(s.Period / 60)
	periods := map[int64][]float64{}
	for minute, values := range found {
		if c.visible(minute) && minute >= c.minute(start) && c.start(minute).Before(end) {
			first := minute - minute%minutes
			periods[first] = append(periods[first], values...)
		}
	}
	for first, values := range periods {
		value, err := statistic(s.Stat, values)
		if err != nil {
			return nil, err
		}
		list = append(list, point{index, c.start(first), value})
	}
	slices.SortFunc(list, func(a, b point) int { return a.at.Compare(b.at) })
	return list, nil
}

// statistic returns one statistic of values, of which there is at least one. Of a percentile, it is the
// smallest value that as many percent of them do not exceed; CloudWatch interpolates in an undocumented way.
func statistic(name string, values []float64) (float64, error) {
	sorted := slices.Sorted(slices.Values(values))
	sum := 0.0
	for _, v := range sorted {
		sum += v
	}
	switch name {
	case "Sum":
		return sum, nil
	case "SampleCount":
		return float64(len(sorted)), nil
	case "Average":
		return sum / float64(len(sorted)), nil
	case "Minimum":
		return sorted[0], nil
	case "Maximum":
		return sorted[len(sorted)-1], nil
	}
	percent, err := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64)
	if err != nil || !strings.HasPrefix(name, "p") {
		return 0, wire.Invalid(fmt.Sprintf("The value %s for parameter Stat is not supported.", name)) // inferred
	}
	at := int(math.Ceil(percent / 100 * float64(len(sorted))))
	return sorted[min(max(at, 1), len(sorted))-1], nil
}
