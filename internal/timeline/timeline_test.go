package timeline_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/timeline"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func bar(section, name string, begin, end int) timeline.Bar {
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	return timeline.Bar{Section: section, Name: name, Begin: at(begin), End: at(end)}
}

func TestRun_times_phases_that_overlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r timeline.Recorder
		done := make(chan error)
		wait := func(d time.Duration) { <-time.After(d) }
		go func() {
			_, err := timeline.Run(&r, "Image", "build", func(p *timeline.Part) (string, error) {
				wait(5 * time.Second)
				p.Note("pushed")
				return "digest", nil
			})
			done <- err
		}()
		synctest.Wait()
		wait(time.Second)
		_, failed := timeline.Run(&r, "Stack", "deploy", func(p *timeline.Part) (int, error) {
			p.Add(bar("Create", "LogGroup", 0, 1))
			wait(2 * time.Second)
			return 0, errors.New("refused")
		})
		if err := <-done; err != nil || failed == nil {
			t.Fatalf("Run = %v, %v, want the second to fail", err, failed)
		}
		want := []timeline.Phase{{Name: "build", Took: 5 * time.Second, Note: "pushed"}, {Name: "deploy", Took: 2 * time.Second, Note: "failed"}}
		if diff := cmp.Diff(want, r.Phases()); diff != "" {
			t.Errorf("Phases (-want +got):\n%s", diff)
		}
		var names []string
		for _, b := range r.Bars() {
			names = append(names, b.Section+" "+b.Name)
		}
		// The build has nothing finer to show, although bars of the other phase ended while it ran.
		if diff := cmp.Diff([]string{"Image build", "Create LogGroup"}, names); diff != "" {
			t.Errorf("Bars (-want +got):\n%s", diff)
		}
	})
}

func TestReplace_keeps_the_parts_of_a_bar_once(t *testing.T) {
	var r timeline.Recorder
	part := func(begin int) timeline.Bar {
		b := bar("Task", "placed", begin, begin+1)
		b.Part = "Service"
		return b
	}
	_, _ = timeline.Run(&r, "Stack", "deploy", func(p *timeline.Part) (int, error) {
		p.Add(bar("Create", "Service", 0, 9))
		p.Replace("Service", []timeline.Bar{part(1)})
		return 0, nil
	})
	_, _ = timeline.Run(&r, "URL", "wait", func(p *timeline.Part) (int, error) {
		p.Replace("Service", []timeline.Bar{part(3)})
		if last, ok := p.Last("Service", "Delete"); !ok || last.End != noon.Add(9*time.Second) {
			t.Errorf("Last(Service) = %v, %v, want its creation", last, ok)
		}
		return 0, nil
	})
	var parts []timeline.Bar
	for _, b := range r.Bars() {
		if b.Part != "" {
			parts = append(parts, b)
		}
	}
	if diff := cmp.Diff([]timeline.Bar{part(3)}, parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

func TestCritical(t *testing.T) {
	build, group, balancer, listener := bar("Image", "build", 0, 28), bar("Create", "TargetGroup", 30, 45),
		bar("Create", "LoadBalancer", 30, 200), bar("Create", "Listener", 200, 201)
	service := bar("Create", "Service", 100, 300)
	listener.Ready = noon.Add(150 * time.Second)
	early := bar("Create", "Other", 29, 210)
	early.Ready = noon.Add(99 * time.Second)
	for name, test := range map[string]struct {
		bars []timeline.Bar
		want []timeline.Bar
	}{
		"none":                 {nil, nil},
		"one after another":    {[]timeline.Bar{build, group, balancer, listener}, []timeline.Bar{build, balancer, listener}},
		"ready before its end": {[]timeline.Bar{build, group, early, service}, []timeline.Bar{build, early, service}},
		"long before it":       {[]timeline.Bar{service, group}, []timeline.Bar{group, service}},
	} {
		got := timeline.Critical(test.bars, 0)
		want := map[timeline.Bar]bool{}
		for _, b := range test.want {
			want[b] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: Critical (-want +got):\n%s", name, diff)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                           "0.0s",
		0:                                      "0.0s",
		440 * time.Millisecond:                 "0.4s",
		9949 * time.Millisecond:                "9.9s",
		9950 * time.Millisecond:                "10s",
		59499 * time.Millisecond:               "59s",
		59500 * time.Millisecond:               "1m00s",
		2*time.Minute + 36*time.Second:         "2m36s",
		time.Hour - 400*time.Millisecond:       "1h00m",
		65 * time.Minute:                       "1h05m",
		25*time.Hour + 59*time.Minute + 59*1e9: "26h00m",
	} {
		if got := timeline.Duration(d); got != want {
			t.Errorf("Duration(%d ms) = %q, want %q", d.Milliseconds(), got, want)
		}
	}
}
