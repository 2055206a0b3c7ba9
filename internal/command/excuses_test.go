package command_test

import (
	"slices"
	"sync"
)

// deviation is a way in which a run may differ from what it promises.
type deviation string

const (
	mayFail       deviation = "a run may fail, if it says why"
	mayServeOther deviation = "the URL of a successful run may serve another commit"
	mayEndAnyhow  deviation = "a run may end in any way"
)

// excuse is why something is allowed in a simulation that otherwise is a fault of the action.
type excuse struct {
	reason string
	allows deviation
	of     *simulatedRun // the only run that it excuses; nil is every run until the simulation settles
}

// excuses are those of a simulation. The zero value is none.
type excuses struct {
	mu   sync.Mutex
	list []excuse
}

func (x *excuses) add(e excuse) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !slices.Contains(x.list, e) {
		x.list = append(x.list, e)
	}
}

// allow reports whether a run may deviate so.
func (x *excuses) allow(r *simulatedRun, d deviation) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.ContainsFunc(x.list, func(e excuse) bool { return e.allows == d && (e.of == nil || e.of == r) })
}

// clear ends all excuses.
func (x *excuses) clear() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.list = nil
}
