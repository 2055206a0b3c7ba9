package fakegithub

import (
	"strings"
	"time"
)

// Fault is something that goes wrong with API calls. Which calls it strikes is said by Method, Path, Skip, Every and
// Times; what happens to them by the other fields.
type Fault struct {
	Method string // GET; "" is any
	Path   string // what the path begins with, from /repos on; "" is any
	Skip   int    // calls that are let through first
	Every  int    // of the calls after that, each so-and-so-manieth is struck; 0 and 1 mean all
	Times  int    // how many calls are struck in all; 0 means no end

	Status  int               // the call is answered with this status and has no effect
	Message string            // of the answer
	Header  map[string]string // of the answer: Retry-After, X-RateLimit-Reset
	Break   bool              // the connection breaks before the call has an effect
	Delay   time.Duration     // the answer, or whatever else happens, is late

	matched, struck int
}

// Inject puts a fault in place. Of several that match a call, the first injected strikes.
func (g *GitHub) Inject(f Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = append(g.faults, &f)
}

// fault returns what strikes a call; the zero Fault lets it be.
func (g *GitHub) fault(method, path string) Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.faults {
		if f.Method != "" && f.Method != method || !strings.HasPrefix(path, f.Path) || f.Times > 0 && f.struck == f.Times {
			continue
		}
		f.matched++
		if n := f.matched - f.Skip; n <= 0 || f.Every > 1 && n%f.Every != 0 {
			continue
		}
		f.struck++
		return *f
	}
	return Fault{}
}
