package promotion

import (
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ask requests production n times and returns how many of the answers were of each stack.
func (a *account) ask(n int) map[string]int {
	answers := map[string]int{}
	for range n {
		answers[a.once()]++
	}
	return answers
}

func (a *account) once() string {
	request, err := http.NewRequestWithContext(context.WithoutCancel(a.Context()), http.MethodGet, "http://"+host+"/", nil)
	if err != nil {
		return err.Error()
	}
	response, err := a.RoundTrip(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return strings.TrimSpace(string(body))
}

// crowd requests production several times a second until the function that it returns is called.
func (a *account) crowd(perSecond int) (leave func()) {
	ctx, cancel := context.WithCancel(a.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for ctx.Err() == nil {
			a.ask(perSecond)
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
	return func() {
		cancel()
		<-gone
	}
}

// sorted returns a count in words, for messages and comparisons.
func sorted(counts map[string]int) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, name+" "+strconv.Itoa(counts[name]))
	}
	return strings.Join(words, ", ")
}
