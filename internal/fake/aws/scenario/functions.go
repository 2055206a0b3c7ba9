package scenario

import (
	"slices"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// OfFunction is a scenario of the container of a function.
type OfFunction struct {
	Name  string
	About string // one line

	// Function turns a healthy container into one that misbehaves.
	Function func(fakeaws.Function) fakeaws.Function
}

// FindFunction returns the scenario of that name.
func FindFunction(name string) (OfFunction, bool) {
	i := slices.IndexFunc(Functions, func(m OfFunction) bool { return m.Name == name })
	if i < 0 {
		return OfFunction{}, false
	}
	return Functions[i], true
}

// Functions are all scenarios of functions, in the words of Lambda's logs (midrender/examples#25,
// loki#7078, bref#1490, cargo-lambda#872).
var Functions = []OfFunction{
	{"function-platform", "the function's image is for another processor",
		initFails("Runtime.InvalidEntrypoint", "fork/exec /app: exec format error")},
	{"function-entrypoint", "the function's image names a program that it does not have",
		initFails("Runtime.InvalidEntrypoint", "fork/exec /app: no such file or directory")},
	{"function-init", "the function's code ends before it takes a request",
		initFails("Runtime.ExitError", "Runtime exited with error: exit status 1",
			"starting hello-world", "Error: Cannot find module 'express'")},
	{"function-timeout", "the function does not answer in time", func(f fakeaws.Function) fakeaws.Function {
		f.Duration, f.Log = time.Hour, []string{"waiting for db.internal:5432"}
		return f
	}},
}

func initFails(kind, message string, log ...string) func(fakeaws.Function) fakeaws.Function {
	return func(f fakeaws.Function) fakeaws.Function {
		f.Fails, f.Log = &fakeaws.InitError{Type: kind, Message: message}, log
		return f
	}
}
