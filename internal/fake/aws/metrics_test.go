package aws_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	fakeaws "pr-stack/internal/fake/aws"
)

// troubled makes blue quick and well; every second answer of green is an error, and it takes 300 ms.
func troubled() func(string, map[string]string) fakeaws.Container {
	n := 0
	return func(image string, env map[string]string) fakeaws.Container {
		c := colour(image, env)
		if env["COLOUR"] == "Blue" {
			c.Latency = 10 * time.Millisecond
			return c
		}
		c.Latency = 300 * time.Millisecond
		c.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.UserAgent() == "ELB-HealthChecker/2.0" {
				return
			}
			if n++; n%2 == 0 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		return c
	}
}

// watched is an account with a client of CloudWatch that does not retry.
type watched struct {
	*shared
	api *cloudwatch.Client
}

func withMetrics(t *testing.T, options fakeaws.Options, test func(w *watched)) {
	t.Helper()
	options.Container = troubled()
	onShared(t, options, func(s *shared) {
		once := func(o *cloudwatch.Options) { o.Retryer = aws.NopRetryer{} }
		test(&watched{s, cloudwatch.NewFromConfig(s.Config(), once)})
	})
}

// query asks for a statistic of a metric of a target group, or of the load balancer alone.
func (w *watched) query(metric, statistic, group string) types.MetricDataQuery {
	dimensions := []types.Dimension{{Name: aws.String("LoadBalancer"), Value: aws.String(w.out["Balancer"])}}
	if group != "" {
		_, name, _ := strings.Cut(w.out[group], ":targetgroup/")
		dimensions = append(dimensions, types.Dimension{Name: aws.String("TargetGroup"), Value: aws.String("targetgroup/" + name)})
	}
	return types.MetricDataQuery{Id: aws.String(strings.ToLower(metric[:1]) + metric[1:]), MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: aws.String("AWS/ApplicationELB"), MetricName: &metric, Dimensions: dimensions},
		Period: aws.Int32(60), Stat: &statistic,
	}}
}

// values returns the values of queries since a time, on all pages.
func (w *watched) values(since time.Time, queries ...types.MetricDataQuery) string {
	w.Helper()
	pages := cloudwatch.NewGetMetricDataPaginator(w.api, &cloudwatch.GetMetricDataInput{
		StartTime: &since, EndTime: aws.Time(time.Now()), MetricDataQueries: queries, ScanBy: types.ScanByTimestampAscending,
	})
	got := map[string][]string{}
	for pages.HasMorePages() {
		answer, err := pages.NextPage(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		for _, r := range answer.MetricDataResults {
			for i, v := range r.Values {
				if r.Timestamps[i].Second() != 0 {
					w.Errorf("%s has a value of %v", *r.Id, r.Timestamps[i])
				}
				got[*r.Id] = append(got[*r.Id], fmt.Sprintf("%.4g", v))
			}
		}
	}
	var list []string
	for _, q := range queries {
		list = append(list, strings.Join(got[*q.Id], " "))
	}
	return strings.Join(list, ", ")
}

// beginMinute lets time pass until a minute begins.
func beginMinute() { <-time.After(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute))) }

func TestMetrics_are_of_the_requests(t *testing.T) {
	withMetrics(t, fakeaws.Options{}, func(w *watched) {
		w.createRule(forward(w.out["Blue"], 9, w.out["Green"], 1))
		beginMinute()
		since := time.Now()
		w.requests(40)
		<-time.After(time.Minute)
		w.requests(10)
		if got := w.values(since, w.query("RequestCount", "Sum", "Blue")); got != "" {
			w.Errorf("metrics are visible at once: %s", got)
		}
		<-time.After(2*time.Minute + 15*time.Second)
		for group, want := range map[string]string{
			"Blue":  "36 9, , 0.01 0.01, 0.01 0.01",
			"Green": "4 1, 2, 0.3 0.3, 0.3 0.3",
			"":      "40 10, 2, 0.039 0.039, 0.3 0.3",
		} {
			got := w.values(since, w.query("RequestCount", "Sum", group), w.query("HTTPCode_Target_5XX_Count", "Sum", group),
				w.query("TargetResponseTime", "Average", group), func() types.MetricDataQuery {
					q := w.query("TargetResponseTime", "p95", group)
					q.Id = aws.String("p95")
					return q
				}())
			if got != want {
				w.Errorf("of %q: %s, want %s", group, got, want)
			}
		}
		if got := w.values(since.Add(90*time.Second), w.query("RequestCount", "Sum", "Blue")); got != "9" {
			w.Errorf("since the middle of the second minute: %s, want all of that minute", got)
		}
	})
}

// A request to an empty target group is an error of the load balancer, and no request of the group's.
func TestMetrics_of_an_empty_target_group(t *testing.T) {
	withMetrics(t, fakeaws.Options{MetricDelay: -1}, func(w *watched) {
		w.createRule(forward(w.out["Blue"], 1, w.out["Empty"], 1))
		<-time.After(5 * time.Second)
		since := time.Now()
		w.requests(10)
		if got := w.values(since, w.query("RequestCount", "Sum", "Empty")); got != "" {
			w.Errorf("requests of the empty group: %s, want none", got)
		}
		if got, want := w.values(since, w.query("RequestCount", "Sum", ""), w.query("HTTPCode_ELB_5XX_Count", "Sum", "")), "5, 5"; got != want {
			w.Errorf("of the load balancer: %s, want %s", got, want)
		}
	})
}

func TestMetrics_are_paged_and_refused(t *testing.T) {
	withMetrics(t, fakeaws.Options{PageSize: 2, MetricDelay: -1}, func(w *watched) {
		w.createRule(forward(w.out["Blue"], 1, w.out["Green"], 1))
		beginMinute()
		since := time.Now()
		for range 5 {
			w.requests(2)
			<-time.After(time.Minute)
		}
		if got, want := w.values(since, w.query("RequestCount", "Sum", "Blue"), w.query("TargetResponseTime", "Maximum", "Green")), "1 1 1 1 1, 0.3 0.3 0.3 0.3 0.3"; got != want {
			w.Errorf("all pages: %s, want %s", got, want)
		}
		ask := func(start time.Time, q types.MetricDataQuery) error {
			_, err := w.api.GetMetricData(w.Context(), &cloudwatch.GetMetricDataInput{
				StartTime: &start, EndTime: aws.Time(time.Now()), MetricDataQueries: []types.MetricDataQuery{q},
			})
			return err
		}
		if got := code(ask(time.Now(), w.query("RequestCount", "Sum", "Blue"))); got != "ValidationError: The parameter StartTime must be less than the parameter EndTime." {
			w.Error(got)
		}
		w.Inject(fakeaws.Fault{Operation: "GetMetricData", Times: 1, Code: "Throttling", Message: "Rate exceeded"})
		if got := code(ask(since, w.query("RequestCount", "Sum", "Blue"))); got != "Throttling: Rate exceeded" {
			w.Error(got)
		}
		w.api = cloudwatch.NewFromConfig(w.as("nobody", `{"Effect": "Allow", "Action": "cloudwatch:DescribeAlarms", "Resource": "arn:aws:cloudwatch:*:*:alarm:*"}`))
		w.wantDenied("GetMetricData", ask(since, w.query("RequestCount", "Sum", "Blue")), "cloudwatch:GetMetricData because no identity-based policy")
		_, err := w.api.DescribeAlarms(w.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"a"}})
		w.wantDenied("DescribeAlarms", err, "")
		_, err = w.api.DescribeAlarms(w.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}})
		w.wantDenied("DescribeAlarms of composite alarms", err, "cloudwatch:DescribeAlarms because")
	})
}

// alarmStates returns the alarms that DescribeAlarms has, on all pages.
func (w *watched) alarmStates(kinds ...types.AlarmType) string {
	w.Helper()
	var list []string
	pages := cloudwatch.NewDescribeAlarmsPaginator(w.api, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{"errors", "other", "unknown", "whole"}, AlarmTypes: kinds, MaxRecords: aws.Int32(1),
	})
	for pages.HasMorePages() {
		answer, err := pages.NextPage(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		for _, a := range answer.MetricAlarms {
			list = append(list, *a.AlarmName+" "+string(a.StateValue))
		}
		for _, a := range answer.CompositeAlarms {
			list = append(list, *a.AlarmName+" "+string(a.StateValue)+" composite")
		}
	}
	return strings.Join(list, ", ")
}

func TestAlarms(t *testing.T) {
	withMetrics(t, fakeaws.Options{}, func(w *watched) {
		w.AddAlarm(fakeaws.Alarm{Name: "errors", Metric: "HTTPCode_Target_5XX_Count", Threshold: 3, Periods: 2,
			Dimensions: map[string]string{"LoadBalancer": w.out["Balancer"]}})
		w.SetAlarm("other", "OK")
		w.AddAlarm(fakeaws.Alarm{Name: "whole", Composite: true, State: "ALARM"})
		w.AddAlarm(fakeaws.Alarm{Name: "not asked for"})
		want := func(what, alarms string, kinds ...types.AlarmType) {
			w.Helper()
			if got := w.alarmStates(kinds...); got != alarms {
				w.Errorf("%s: %s, want %s", what, got, alarms)
			}
		}
		want("without data", "errors INSUFFICIENT_DATA, other OK")
		want("with composite ones", "errors INSUFFICIENT_DATA, other OK, whole ALARM composite", types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm)
		w.createRule(forward(w.out["Green"], 1))
		beginMinute()
		w.requests(6)
		<-time.After(140 * time.Second)
		want("three errors", "errors OK, other OK")
		beginMinute()
		w.requests(8)
		<-time.After(140 * time.Second)
		want("four errors", "errors ALARM, other OK")
		w.SetAlarm("errors", "OK")
		want("set", "errors OK, other OK")
	})
}
