package actiontest

import fakeaws "pr-stack/internal/fake/aws"

// functions returns how the containers of functions behave: as SetFunction says, or else as program does.
func (e *Env) functions(program func(string, map[string]string) fakeaws.Function) func(string, map[string]string) fakeaws.Function {
	return func(image string, environ map[string]string) fakeaws.Function {
		e.mu.Lock()
		defer e.mu.Unlock()
		healthy := fakeaws.Function{Handler: handler(image)}
		switch {
		case e.function.Load() != nil:
			return (*e.function.Load())(healthy)
		case program != nil:
			return program(image, environ)
		}
		return healthy
	}
}

// SetFunction is SetBehavior for the containers of functions.
func (e *Env) SetFunction(behavior func(healthy fakeaws.Function) fakeaws.Function) {
	if behavior == nil {
		e.function.Store(nil)
		return
	}
	e.function.Store(&behavior)
}
