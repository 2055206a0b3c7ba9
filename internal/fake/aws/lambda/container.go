package lambda

import (
	"context"
	"net/http"
	"time"
)

// Behavior returns how the container of an image behaves. It is called each time an execution
// environment starts, which is when the first request comes after a change of the function.
type Behavior func(image string, env map[string]string) Container

// Container is the container of a function in one execution environment. The zero Container answers
// each event as a web server that answers 200 "ok".
type Container struct {
	// Invoke answers an event, as a program does that speaks Lambda's runtime API. An error is the end of
	// the program, or what the program reports. If it is nil, Handler answers.
	Invoke func(ctx context.Context, event []byte) (response []byte, err error)
	// Handler answers the HTTP request in an event, as a web server does behind an adapter. Nil answers
	// 200 "ok".
	Handler http.Handler
	// Fails is why the program does not come as far as to ask for an event; nil: it does.
	Fails    *InitError
	Duration time.Duration // of an invocation; one that takes longer than the function's Timeout is ended
	Log      []string      // what it writes when it starts
	Stop     func()        // called once when its execution environment ends; may be nil
}

// InitError is why a program did not start, in Lambda's words: Runtime.ExitError, "Runtime exited with
// error: exit status 1".
// https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-images.html
type InitError struct{ Type, Message string }
