package ecs

import (
	"fmt"
	"net/http"
	"time"
)

// Behavior returns how the container of an image behaves. It is called each time a task starts.
type Behavior func(image string, env map[string]string) Container

// Container is how one container behaves from the moment its task runs. The zero Container listens
// on the port that its task definition maps and answers 200.
type Container struct {
	Handler    http.Handler  // what it answers; nil answers 200 "ok"
	Port       int           // where it listens; 0: the port that the task definition maps
	StartDelay time.Duration // from RUNNING until it listens
	Exit       *Exit         // when and how it ends by itself; nil: never
	Log        []string      // what it writes to its log stream when it starts
	Latency    time.Duration // until it answers a request through a load balancer; not of health checks
	Hang       bool          // it takes connections and never answers
	PullError  string        // set: the image cannot be pulled, and this is the stopped reason
	Unplaced   string        // set: its task cannot be placed, and this is why
	Stop       func()        // called once when its task stops; may be nil

	// Ended reports whether a real program has ended, with its exit code and what it wrote. It is asked
	// every second. Nil: Exit says when the container ends.
	Ended func() (code int, log []string, over bool)
}

// Task returns how the container of a task that RunTask starts behaves, by its image and what it is asked
// to do: the command of an override, or nil for that of its task definition.
type Task func(image string, command []string, env map[string]string) Container

// Exit is the end of a container.
type Exit struct {
	After  time.Duration // since RUNNING
	Code   int
	Reason string // the container's reason, such as "OutOfMemoryError: Container killed due to memory usage"
}

// Address returns the task's private IPv4 address.
func (k *task) Address() string { return k.address }

// Listens reports whether the task's container takes connections on a port.
func (k *task) Listens(port int) bool {
	if k.status != "RUNNING" || !k.ready {
		return false
	}
	return k.behavior.Port == port || k.behavior.Port == 0
}

// Hangs reports whether the task's container never answers.
func (k *task) Hangs() bool { return k.behavior.Hang }

// Latency returns how long the task's container takes to answer.
func (k *task) Latency() time.Duration { return k.behavior.Latency }

// Handler is what the task's container answers with.
func (k *task) Handler() http.Handler {
	if k.behavior.Handler != nil {
		return k.behavior.Handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
}
