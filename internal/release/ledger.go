package release

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Status is what happens to production.
type Status string

// The statuses.
const (
	Stable   Status = "stable"       // one generation has all requests
	Shifting Status = "shifting"     // a run shifts requests to the candidate
	GoesBack Status = "rolling back" // a run gives all requests to an earlier generation
)

// MaxSize is how many bytes a ledger has at most: a standard parameter of the Parameter Store has no
// more. https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
const MaxSize = 4096

// Locked says why merges are not promoted.
type Locked struct {
	Since  time.Time `json:"since"`
	By     string    `json:"by,omitempty"` // the URL of the run
	Reason string    `json:"reason"`
}

// Ledger is the record of production's generations. Its zero value is that of a service that was never
// promoted. Its methods that change something return a changed copy.
type Ledger struct {
	Format    int           `json:"format"` // of this record: 1
	By        Way           `json:"by"`
	Status    Status        `json:"status"`
	Stable    int           `json:"stable,omitempty"`    // number of the generation that has the requests; 0 if none has
	Candidate int           `json:"candidate,omitempty"` // number of the one that they are shifted to; 0 if none is
	Goal      int           `json:"goal,omitempty"`      // number of the one that they go back to; 0 if they do not
	Next      int           `json:"next"`                // number of the next generation
	Weights   Weights       `json:"weights,omitempty"`   // as they were last written; only of listener and record
	KeepFor   time.Duration `json:"keepFor,omitempty"`   // how long a generation stays at full size once another has the requests
	Locked    *Locked       `json:"locked,omitempty"`
	Run       string        `json:"run,omitempty"` // the URL of the run that wrote it
	// Generations begins with the newest. It has those that can be rolled back to, in turn, and as many
	// others as there is room for.
	Generations []Generation `json:"generations"`
}

// Parse reads a ledger. An empty text is the zero Ledger.
func Parse(text string) (Ledger, error) {
	if strings.TrimSpace(text) == "" {
		return Ledger{}, nil
	}
	var l Ledger
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return Ledger{}, fmt.Errorf("the ledger is not valid JSON: %w", err)
	}
	if l.Format != 1 {
		return Ledger{}, fmt.Errorf("the ledger has format %d, which this version does not know: use the version that wrote it, or a newer one", l.Format)
	}
	for _, number := range []int{l.Stable, l.Candidate, l.Goal} {
		if _, found := l.Find(number); number != 0 && !found {
			return Ledger{}, fmt.Errorf("the ledger names generation %d, and does not have it", number)
		}
	}
	return l, nil
}

// String returns the ledger as JSON of at most MaxSize bytes. Of the generations that nothing can go
// back to any more, the oldest are left out if there is no room, and then the oldest of the others.
func (l Ledger) String() string {
	l.Format = 1
	for {
		text, err := json.Marshal(l)
		if err != nil {
			panic(err) // it has only values that JSON has
		}
		if len(text) <= MaxSize || len(l.Generations) <= 2 {
			return string(text)
		}
		l.Generations = l.shed()
	}
}

// shed returns the generations without the one that is least likely to be needed.
func (l Ledger) shed() []Generation {
	kept := l.chain()
	for i, g := range slices.Backward(l.Generations) {
		if !kept[g.Number] {
			return slices.Delete(slices.Clone(l.Generations), i, i+1)
		}
	}
	for i, g := range slices.Backward(l.Generations) {
		if n := g.Number; n != l.Stable && n != l.Candidate && n != l.Goal {
			return slices.Delete(slices.Clone(l.Generations), i, i+1)
		}
	}
	return l.Generations[:2]
}

// chain returns the numbers of the generations that can be rolled back to, in turn.
func (l Ledger) chain() map[int]bool {
	numbers := map[int]bool{}
	for _, first := range []int{l.Candidate, l.Stable, l.Goal} {
		for n := first; n != 0 && !numbers[n]; {
			numbers[n] = true
			g, _ := l.Find(n)
			n = g.Previous
		}
	}
	return numbers
}

// Find returns the generation of that number.
func (l Ledger) Find(number int) (Generation, bool) {
	for _, g := range l.Generations {
		if g.Number == number && number != 0 {
			return g, true
		}
	}
	return Generation{}, false
}

// Live returns the generation that has the requests, or the larger part of them; false if none has.
func (l Ledger) Live() (Generation, bool) { return l.Find(l.Stable) }

// Target returns the generation that a rollback gives all requests to: that of a rollback that did not end;
// while requests are shifted, the one that had them; else the one before it. It returns false if there is
// none.
func (l Ledger) Target() (Generation, bool) {
	live, _ := l.Live()
	if l.Goal != 0 {
		return l.Find(l.Goal)
	}
	if l.Candidate != 0 {
		return live, l.Stable != 0
	}
	return l.Find(live.Previous)
}

// Serves returns the number of the generation of a stack that has requests, or may get them; 0 if there is
// none.
func (l Ledger) Serves(stack string) int {
	for _, number := range []int{l.Goal, l.Candidate, l.Stable} {
		if g, found := l.Find(number); found && g.Stack == stack {
			return number
		}
	}
	return 0
}

// Begin returns the ledger while requests are shifted to a candidate, whose number and predecessor it
// sets. Whoever promotes unlocks production.
func (l Ledger) Begin(by Way, candidate Generation, run string) Ledger {
	l = l.clone()
	candidate.Number, candidate.Previous = max(l.Next, 1), l.Stable
	l.By, l.Status, l.Run, l.Locked = by, Shifting, run, nil
	l.Candidate, l.Next = candidate.Number, candidate.Number+1
	l.Generations = slices.Insert(l.Generations, 0, candidate)
	return l
}

// Shifted returns the ledger with other weights.
func (l Ledger) Shifted(w Weights) Ledger {
	l = l.clone()
	l.Weights = maps.Clone(w)
	return l
}

// Complete returns the ledger after the candidate has got all requests.
func (l Ledger) Complete(now time.Time) Ledger {
	l = l.clone()
	l.handOver(l.Candidate, now)
	if l.By.MovesTraffic() {
		live, _ := l.Live()
		l.Weights = Only(live.Stack)
	}
	return l
}

// Return returns the ledger while a run gives all requests to the generation of that number.
func (l Ledger) Return(number int, run string) Ledger {
	l = l.clone()
	l.Status, l.Run, l.Goal = GoesBack, run, number
	return l
}

// Returned returns the ledger after the generation of that number has all requests again; 0 means that
// none has, as before the first promotion. If why is set, merges are not promoted from now on.
func (l Ledger) Returned(number int, now time.Time, why *Locked) Ledger {
	l = l.clone()
	l.handOver(number, now)
	if why != nil {
		l.Locked = why
	}
	if live, found := l.Live(); l.By.MovesTraffic() && found {
		l.Weights = Only(live.Stack)
	} else {
		l.Weights = nil
	}
	return l
}

// Image returns the ledger with what the generation of that number runs, and where.
func (l Ledger) Image(number int, image, stackID string) Ledger {
	l = l.clone()
	for i := range l.Generations {
		if g := &l.Generations[i]; g.Number == number {
			g.Image, g.StackID = image, stackID
		}
	}
	return l
}

// Dropped returns the ledger without its candidate, which no request was given to, so that the next one has
// its number.
func (l Ledger) Dropped() Ledger {
	l = l.clone()
	l.Generations = slices.DeleteFunc(l.Generations, func(g Generation) bool { return g.Number == l.Candidate && g.Since.IsZero() })
	if l.Candidate != 0 && l.Next == l.Candidate+1 {
		l.Next = l.Candidate
	}
	l.Status, l.Candidate, l.Goal = Stable, 0, 0
	return l
}

// Adopted returns the ledger with a generation that has all requests and that no promotion has made, or that
// the ledger does not know.
func (l Ledger) Adopted(by Way, g Generation, now time.Time, run string) Ledger {
	l = l.Dropped()
	return l.Begin(by, g, run).Complete(now)
}

// Unlocked returns the ledger of a production to which merges are promoted.
func (l Ledger) Unlocked() Ledger {
	l = l.clone()
	l.Locked = nil
	return l
}

func (l *Ledger) handOver(number int, now time.Time) {
	now = now.UTC().Truncate(time.Second)
	for i := range l.Generations {
		switch g := &l.Generations[i]; {
		case g.Number == number && number != l.Stable:
			g.Since, g.Until = now, time.Time{}
		case g.Number == l.Stable && number != l.Stable, g.Number == l.Candidate && number != l.Candidate:
			g.Until = now
		}
	}
	l.Status, l.Stable, l.Candidate, l.Goal = Stable, number, 0, 0
}

func (l Ledger) clone() Ledger {
	l.Generations = slices.Clone(l.Generations)
	l.Weights = maps.Clone(l.Weights)
	return l
}

// Compare returns how the live weights differ from what the ledger says, with both sides, or "".
func (l Ledger) Compare(live Weights) string {
	if maps.Equal(l.Weights, live) {
		return ""
	}
	return fmt.Sprintf("the ledger says %s, and AWS says %s", l.Weights, live)
}

// String returns the weights in words: hello-pr-7 95 %, hello-pr-9 5 %.
func (w Weights) String() string {
	var list []string
	for _, stack := range slices.Sorted(maps.Keys(w)) {
		list = append(list, fmt.Sprintf("%s %d %%", stack, w[stack]))
	}
	if len(list) == 0 {
		return "that no stack gets requests"
	}
	return strings.Join(list, ", ")
}
