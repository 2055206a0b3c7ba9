package actiontest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Event is what starts a run.
type Event struct {
	Name    string // such as pull_request
	Payload []byte // JSON
}

// events holds each event that was read, so that it is read once: simulations need thousands.
var events sync.Map

// ReadEvent returns the event of testdata/event/NAME.json. If commit is not "", it becomes the
// event's head commit.
func ReadEvent(name, commit string) (Event, error) {
	key := name + " " + commit
	if event, ok := events.Load(key); ok {
		return event.(Event), nil
	}
	root, err := Root()
	if err != nil {
		return Event{}, err
	}
	payload, err := os.ReadFile(filepath.Join(root, "testdata", "event", name+".json"))
	if err != nil {
		return Event{}, err
	}
	kind, _, _ := strings.Cut(name, ".")
	event, err := Event{Name: kind, Payload: payload}.Edit(func(fields map[string]any) {
		if commit != "" {
			setHead(fields, commit)
		}
	})
	events.Store(key, event)
	return event, err
}

func setHead(fields map[string]any, commit string) {
	if run, ok := fields["workflow_run"].(map[string]any); ok {
		run["head_sha"] = commit
		return
	}
	fields["pull_request"].(map[string]any)["head"].(map[string]any)["sha"] = commit
}

// Edit returns the event with a changed payload.
func (e Event) Edit(change func(fields map[string]any)) (Event, error) {
	var fields map[string]any
	if err := json.Unmarshal(e.Payload, &fields); err != nil {
		return e, err
	}
	change(fields)
	payload, err := json.Marshal(fields)
	return Event{Name: e.Name, Payload: payload}, err
}

// Root returns the root folder of the source. The current folder may be any folder below the root.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "testdata", "event")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("run this in a checkout of pr-stack: it reads the folder testdata")
		}
		dir = parent
	}
}
