package github

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"pr-stack/internal/fake/internal/serve"
)

// Fault is something that goes wrong with API calls. Method, Path, Skip, Every, Times and Until
// select the calls that it affects; the other fields say what happens to them.
type Fault struct {
	Method string    // GET; "" is any
	Path   string    // what the path begins with, from /repos on; "" is any
	Skip   int       // calls that are let through first
	Every  int       // of the calls after that, every n-th is affected; 0 and 1 mean all
	Times  int       // how many calls are affected in all; 0 means no limit
	Until  time.Time // when it ends; zero: never

	Status  int               // the call is answered with this status and has no effect
	Message string            // of the answer; a 5xx without one is not answered in JSON
	Header  map[string]string // of the answer: Retry-After, X-RateLimit-Reset
	Break   bool              // the connection breaks before the call has an effect
	Lost    bool              // the call takes effect, and the connection breaks before the answer
	Delay   time.Duration     // whatever happens, happens this late

	counter serve.Counter
}

// PrimaryLimit is the hourly limit, used up until then.
func PrimaryLimit(until time.Time) Fault {
	return Fault{
		Until:   until,
		Status:  http.StatusForbidden,
		Message: "API rate limit exceeded for installation ID 1.",
		Header:  map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(until.Unix())},
	}
}

// SecondaryLimit is the limit on many calls in a short time. It lasts d from now, and Retry-After
// says so.
func SecondaryLimit(status int, d time.Duration) Fault {
	return Fault{
		Until:   time.Now().Add(d),
		Status:  status,
		Message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		Header:  map[string]string{"Retry-After": fmt.Sprint(int(d.Seconds()))},
	}
}

// Inject adds a fault. If several match a call, the one injected first applies.
func (g *GitHub) Inject(f Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = append(g.faults, &f)
}

// fault returns the fault of a call; the zero Fault has no effect.
func (g *GitHub) fault(method, path string) Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.faults {
		if f.Method != "" && f.Method != method || !strings.HasPrefix(path, f.Path) || f.counter.Done(f.Times) {
			continue
		}
		if !f.Until.IsZero() && !time.Now().Before(f.Until) {
			continue
		}
		if f.counter.Next(f.Skip, f.Every) {
			return *f
		}
	}
	return Fault{}
}

// Forbid takes from the token the permission for all calls whose method and path begin with prefix,
// such as "POST /repos/octo-org/hello-world/issues". A prefix that begins with / means any method.
func (g *GitHub) Forbid(prefix string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forbidden = append(g.forbidden, prefix)
}

func (g *GitHub) forbids(method, path string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, prefix := range g.forbidden {
		if strings.HasPrefix(method+" "+path, prefix) || strings.HasPrefix(prefix, "/") && strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// Heal removes all faults and gives the token all permissions: from now on everything works.
func (g *GitHub) Heal() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults, g.forbidden = nil, nil
}
