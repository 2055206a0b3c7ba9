package lambda

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
)

// ErrFunction is the outcome of an invocation that gave no response: the function failed, or its time
// was up.
var ErrFunction = errors.New("the function failed")

// Invoke invokes a function, given by its ARN, with an event and returns its response. It is called
// without the account's lock, because the function may be a real process.
func (l *Lambda) Invoke(ctx context.Context, arn string, event []byte) (response []byte, err error) {
	run, err := l.begin(arn)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, run.timeout)
	defer cancel()
	if run.duration > 0 {
		select {
		case <-time.After(run.duration):
		case <-ctx.Done():
			return nil, ErrFunction
		}
	}
	response, err = run.container.answer(ctx, event)
	l.account.Lock()
	defer l.account.Unlock()
	l.account.Advance()
	run.done = true
	if err != nil {
		run.version.end() // as after an error of the program
		run.log(err.Error())
		err = ErrFunction
	}
	run.log("END RequestId: "+run.id, fmt.Sprintf("REPORT RequestId: %s\tDuration: 2.00 ms\tBilled Duration: 2 ms\tMemory Size: %d MB\t",
		run.id, run.memory))
	return response, err
}

// invocation is one invocation of a function.
type invocation struct {
	version           *version
	container         *Container
	id                string
	memory            int
	timeout, duration time.Duration
	done              bool
	log               func(lines ...string)
}

// begin starts an execution environment, unless there is one, and gives it the request.
func (l *Lambda) begin(arn string) (*invocation, error) {
	l.account.Lock()
	defer l.account.Unlock()
	l.account.Advance()
	f, qualifier := l.function(arn)
	if f == nil || f.state != "Active" || f.at(qualifier) == nil {
		return nil, ErrFunction
	}
	v := f.at(qualifier)
	scaled := func(d time.Duration) time.Duration { return time.Duration(float64(d) * l.account.Scale) }
	run := &invocation{version: v, id: l.account.UUID(), memory: v.is.memory, timeout: scaled(v.is.timeout)}
	if v.container == nil {
		l.start(v)
	}
	run.log = l.writer(v)
	if failed := v.container.Fails; failed != nil {
		l.failInit(run, failed)
		return nil, ErrFunction
	}
	run.log("START RequestId: " + run.id + " Version: " + v.number)
	run.container, run.duration = v.container, scaled(v.container.Duration)
	// Even if nobody waits for the response any more.
	l.account.After(v.is.timeout, func() {
		if !run.done {
			run.log(fmt.Sprintf("%s %s Task timed out after %.2f seconds", l.account.Now().UTC().Format("2006-01-02T15:04:05.000Z"), run.id, v.is.timeout.Seconds()))
			v.end()
		}
	})
	return run, nil
}

func (l *Lambda) start(v *version) {
	container := Container{}
	if l.behavior != nil {
		container = l.behavior(v.is.resolved, v.is.environment)
	}
	v.container = &container
	v.stream = fmt.Sprintf("%s[%s]%s", l.account.Now().UTC().Format("2006/01/02/"), v.number, l.account.Unique(32))
	l.writer(v)(container.Log...)
}

// failInit writes what Lambda does about a program that does not start: it tries once more, as part of the
// invocation (midrender/examples#25, lambda-promtail in grafana/loki#7078).
func (l *Lambda) failInit(run *invocation, e *InitError) {
	if e.Type == "Runtime.InvalidEntrypoint" {
		run.log("IMAGE\tLaunch error: " + e.Message + "\tEntrypoint: []\tCmd: []\tWorkingDir: [/]")
	}
	run.log("INIT_REPORT Init Duration: 1.71 ms\tPhase: init\tStatus: error\tError Type: "+e.Type,
		"INIT_REPORT Init Duration: 0.59 ms\tPhase: invoke\tStatus: error\tError Type: "+e.Type,
		"START RequestId: "+run.id+" Version: "+run.version.number,
		"RequestId: "+run.id+" Error: "+e.Message+"\n"+e.Type,
		"END RequestId: "+run.id)
	run.version.end()
}

// writer returns a function that writes to the log of the execution environment, if the function's role
// may. Otherwise the lines are lost.
func (l *Lambda) writer(v *version) func(lines ...string) {
	group, stream := v.is.logGroup, v.stream
	role, err := (*account.Principal)(nil), error(nil)
	if l.account.ServiceRole != nil {
		role, err = l.account.ServiceRole(v.is.role, "lambda.amazonaws.com")
	}
	arn := l.account.ARN("logs", "log-group:"+group)
	return func(lines ...string) {
		create := account.Access{Action: "logs:CreateLogStream", Resource: arn + ":log-stream:" + stream}
		put := account.Access{Action: "logs:PutLogEvents", Resource: create.Resource}
		if err != nil || role.Check(create.WithResourceTags(l.account.Tags(arn))) != nil || role.Check(put) != nil {
			return
		}
		l.Logs.Write(group, stream, lines)
	}
}

// answer gives the container an event.
func (c *Container) answer(ctx context.Context, event []byte) ([]byte, error) {
	if c.Invoke != nil {
		return c.Invoke(ctx, event)
	}
	handler := c.Handler
	if handler == nil {
		handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	}
	return adapt(ctx, handler, event)
}
