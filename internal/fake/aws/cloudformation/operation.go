package cloudformation

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// operation is one call's work on a stack, to its end.
type operation struct {
	caller
	engine *Engine
	stack  *stack
	id     string
	ended  bool // effects that are still scheduled for it are ignored
	walk   *walk

	onFailure string     // of a creation: ROLLBACK, DO_NOTHING or DELETE
	previous  *operation // the update that stopped half-way and that this one follows; else nil
	before    settings
	target    settings
	created   []*Resource          // by an update, to be deleted if it is rolled back
	replaced  map[string]*Resource // by an update, to be deleted when it is complete
	changed   map[string]model     // what the update has changed, as it was before

	policy *stackPolicy // of an update; nil is the stack's own
	denied []*Resource  // whose update the policy refused

	rollingBack bool
}

func (c *Engine) begin(s *stack, by caller) *operation {
	if s.operation != nil {
		s.operation.ended = true
	}
	o := &operation{
		engine: c, stack: s, caller: by, id: c.account.UUID(), previous: s.halted,
		replaced: map[string]*Resource{}, changed: map[string]model{},
	}
	s.operation, s.halted = o, nil
	return o
}

// later schedules a step of the operation.
func (o *operation) later(d time.Duration, step func()) {
	o.engine.account.After(d, func() {
		if !o.ended {
			step()
		}
	})
}

// conclude ends the operation and leaves the stack in a status.
func (o *operation) conclude(status, reason string) {
	o.engine.setStatus(o.stack, status, reason)
	o.ended = true
	o.stack.operation = nil
}

// create creates every resource of the template. Each has three events, as recorded from real
// stacks: when it begins, when it has an ID ("Resource creation Initiated", with a capital I) and
// when it is complete.
func (o *operation) create() {
	s := o.stack
	needs := o.engine.needs(s, s.settings)
	o.walk = &walk{account: o.engine.account, needs: needs, stops: true, begin: o.createResource, ended: func(failed, cancelled []string) {
		if o.ended {
			return
		}
		if len(failed)+len(cancelled) == 0 {
			o.complete("CREATE_COMPLETE")
			return
		}
		o.createFailed(failed, cancelled)
	}}
	if missing := o.notFound(); missing != "" {
		o.rollBackCreate(missing + ". ")
		return
	}
	if missing := o.notExported(); missing != "" {
		o.rollBackCreate(missing + " ")
		return
	}
	if o.rejected(o.rollBackCreate) {
		return
	}
	o.later(800*time.Millisecond, o.walk.start)
}

// complete ends the operation successfully, unless the outputs cannot be resolved.
func (o *operation) complete(status string) {
	o.later(time.Second, func() {
		outputs, err := o.engine.outputs(o.stack, o.stack.settings)
		if err != nil {
			o.rollBackCreate(err.Error() + " ")
			return
		}
		o.stack.outputs = outputs
		o.conclude(status, "")
	})
}

func (o *operation) createResource(id string, done func(error)) {
	definition := o.stack.settings.template.Resources[id]
	r := &Resource{stack: o.stack, LogicalID: id, Type: definition.Type, Attributes: map[string]any{}}
	asked, err := o.engine.model(o.stack, o.stack.settings, definition)
	r.set(asked)
	o.engine.recordResource(r, "CREATE_IN_PROGRESS", "")
	if err != nil {
		o.failLater(time.Second, r, "CREATE", err, done)
		return
	}
	if h := o.engine.hook(o.stack.name, id); h != nil {
		o.rejectByHook(r, "CREATE", h, done)
		return
	}
	o.provision(r, "CREATE", "Resource creation Initiated", done)
}

// provision creates the physical resource. The verb of its statuses is CREATE or UPDATE.
func (o *operation) provision(r *Resource, verb, initiated string, done func(error)) {
	if f := o.engine.failure(o.stack.name, r.LogicalID, "CREATE"); f != nil {
		if !f.Never {
			o.failLater(f.After, r, verb, errors.New(f.Reason), done)
		}
		return
	}
	kind, walk := o.engine.types[r.Type], o.walk
	err := cmp.Or(o.engine.validate(r.Type, r.Properties), o.checkCreate(r))
	if err != nil {
		o.failLater(refusalTime, r, verb, err, done)
		return
	}
	ended := func(err error) {
		if o.ended || walk.over { // it was cancelled and has no further events
			return
		}
		if err == nil {
			err = o.check(handling{r: r}, kind.Permissions.Read, false)
		}
		if err != nil {
			o.fail(r, verb, err, done)
			return
		}
		o.finish(r, verb, done)
	}
	kind.Create(r, ended)
	if r.PhysicalID == "" {
		return // nothing was created, and ended will be called with the reason
	}
	o.stack.resources[r.LogicalID] = r
	o.engine.retag(r)
	o.engine.recordResource(r, verb+"_IN_PROGRESS", initiated)
	if err := o.check(handling{r: r}, kind.Permissions.Made, false); err != nil {
		o.failLater(refusalTime, r, verb, err, done)
	}
}

// refusalTime is how long a handler takes until a denied or invalid request has failed it.
const refusalTime = 2 * time.Second

func (o *operation) finish(r *Resource, verb string, done func(error)) {
	o.engine.recordResource(r, verb+"_COMPLETE", "")
	done(nil)
}

// failLater fails a resource after some time, unless it is cancelled first.
func (o *operation) failLater(d time.Duration, r *Resource, verb string, err error, done func(error)) {
	walk := o.walk
	o.later(d, func() {
		if !walk.over {
			o.fail(r, verb, err, done)
		}
	})
}

func (o *operation) fail(r *Resource, verb string, err error, done func(error)) {
	o.engine.recordResource(r, verb+"_FAILED", err.Error())
	done(err)
}

// createFailed cancels what is in progress and rolls back, or keeps everything for debugging. The
// reason lists the cancelled resources too and always ends in "Rollback requested by user.".
func (o *operation) createFailed(failed, cancelled []string) {
	for _, id := range cancelled {
		r := o.stack.states[id].resource
		o.engine.recordResource(r, "CREATE_FAILED", "Resource creation cancelled")
	}
	reason := fmt.Sprintf("The following resource(s) failed to create: [%s]. ", strings.Join(append(cancelled, failed...), ", "))
	o.rollBackCreate(reason)
}

// rollBackCreate treats a failed creation as the call's OnFailure says.
func (o *operation) rollBackCreate(reason string) {
	switch o.onFailure {
	case "DO_NOTHING":
		o.later(time.Second, func() { o.conclude("CREATE_FAILED", reason) })
	case "DELETE":
		o.later(1500*time.Millisecond, func() {
			o.engine.setStatus(o.stack, "DELETE_IN_PROGRESS", reason+"Delete requested by user.")
			o.removeAll("DELETE_COMPLETE", "DELETE_FAILED")
		})
	default:
		o.later(1500*time.Millisecond, func() {
			o.engine.setStatus(o.stack, "ROLLBACK_IN_PROGRESS", reason+"Rollback requested by user.")
			o.removeAll("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
		})
	}
}
