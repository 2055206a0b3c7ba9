package cloudformation

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/property"
)

// operation is one call's work on a stack, to its end.
type operation struct {
	engine *Engine
	stack  *stack
	token  string // ClientRequestToken; "" if the call had none
	id     string
	ended  bool // effects that are still scheduled for it are ignored
	walk   *walk

	onFailure string     // of a creation: ROLLBACK, DO_NOTHING or DELETE
	previous  *operation // the update that stopped half-way and that this one follows; else nil
	before    settings
	target    settings
	created   []*Resource          // by an update, to be deleted if it is rolled back
	replaced  map[string]*Resource // by an update, to be deleted when it is complete
	changed   map[string]map[string]any
}

func (c *Engine) begin(s *stack, token string) *operation {
	if s.operation != nil {
		s.operation.ended = true
	}
	o := &operation{
		engine: c, stack: s, token: token, id: c.account.UUID(), previous: s.halted,
		replaced: map[string]*Resource{}, changed: map[string]map[string]any{},
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
	needs := map[string][]string{}
	scope := o.engine.scope(s, s.settings)
	for id, r := range s.settings.template.Resources {
		if holds, _ := scope.holds(r.Condition); holds {
			needs[id] = r.Needs
		}
	}
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
	if o.rejected(o.rollBackCreate) {
		return
	}
	o.later(800*time.Millisecond, o.walk.start)
}

// complete ends the operation successfully, unless the outputs cannot be resolved.
func (o *operation) complete(status string) {
	o.later(time.Second, func() {
		if err := o.engine.resolveOutputs(o.stack); err != nil {
			o.createFailed(nil, nil)
			return
		}
		o.conclude(status, "")
	})
}

func (o *operation) createResource(id string, done func(error)) {
	definition := o.stack.settings.template.Resources[id]
	r := &Resource{stack: o.stack, LogicalID: id, Type: definition.Type, Attributes: map[string]any{}}
	properties, err := o.engine.scope(o.stack, o.stack.settings).resolve(definition.Properties)
	r.Properties = property.Object(properties)
	if r.Properties == nil {
		r.Properties = map[string]any{}
	}
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
	ended := func(err error) {
		switch {
		case o.ended, walk.over: // it was cancelled and has no further events
		case err != nil:
			o.fail(r, verb, err, done)
		default:
			o.finish(r, verb, done)
		}
	}
	kind.Create(r, ended)
	o.stack.resources[r.LogicalID] = r
	o.engine.recordResource(r, verb+"_IN_PROGRESS", initiated)
}

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
	if len(failed)+len(cancelled) == 0 {
		reason = "Outputs cannot be resolved. "
	}
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
