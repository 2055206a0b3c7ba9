package actiontest

import (
	"fmt"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// functions returns how the containers of functions behave: as SetFunction says, or as SetBehavior does, or
// else as program does.
func (e *Env) functions(program func(string, map[string]string) fakeaws.Function) func(string, map[string]string) fakeaws.Function {
	return func(image string, environ map[string]string) fakeaws.Function {
		healthy := fakeaws.Function{Handler: handler(image)}
		if behave := e.function.Load(); behave != nil {
			return (*behave)(healthy)
		}
		if behave := e.behavior.Load(); behave != nil {
			return asFunction((*behave)(answering(image)))
		}
		if program != nil {
			return program(image, environ)
		}
		return healthy
	}
}

// asFunction returns a container that behaves as a function's as it does in a task.
func asFunction(c fakeaws.Container) fakeaws.Function {
	f := fakeaws.Function{Handler: c.Handler, Log: c.Log, Stop: c.Stop}
	if c.Exit != nil {
		f.Fails = &fakeaws.InitError{Type: "Runtime.ExitError", Message: fmt.Sprintf("Runtime exited with error: exit status %d", c.Exit.Code)}
	}
	if c.Hang {
		f.Duration = time.Hour
	}
	return f
}

// SetFunction is SetBehavior for the containers of functions.
func (e *Env) SetFunction(behavior func(healthy fakeaws.Function) fakeaws.Function) {
	if behavior == nil {
		e.function.Store(nil)
		return
	}
	e.function.Store(&behavior)
}
