package aws

import (
	"fmt"
	"net/http"
)

// listens tells whether the task's container takes connections on a port.
func (k *task) listens(port int) bool {
	if k.status != "RUNNING" || !k.ready {
		return false
	}
	return k.behavior.Port == port || k.behavior.Port == 0
}

// handler is what the task's container answers with.
func (k *task) handler() http.Handler {
	if k.behavior.Handler != nil {
		return k.behavior.Handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
}
