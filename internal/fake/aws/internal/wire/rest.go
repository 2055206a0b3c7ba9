package wire

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Routes are the operations of a service that speaks REST, by method and path: "GET
// /v2/vpclinks/{VpcLinkId}". The values of a path's parameters become fields of the operation's input.
type Routes map[string]string

// Read turns a request to the service into a call: it finds its operation, and adds the parameters of
// its path to its body.
func (routes Routes) Read(r *http.Request, q *Request) {
	q.IsJSON, q.IsREST = true, true
	operation, parameters := routes.find(r)
	q.Operation = operation
	if parameters == nil {
		return
	}
	input := map[string]any{}
	_ = json.Unmarshal(q.Body, &input) // a GET has no body
	for name, value := range parameters {
		input[name] = value
	}
	q.Body, _ = json.Marshal(input)
}

// find returns the operation of a request and the parameters of its path. If it fits no route, its method
// and path are the operation, and the parameters are nil.
func (routes Routes) find(r *http.Request) (operation string, parameters map[string]string) {
	for route, operation := range routes {
		method, pattern, _ := strings.Cut(route, " ")
		if parameters, fits := match(pattern, r.URL.Path); fits && method == r.Method {
			return operation, parameters
		}
	}
	return r.Method + " " + r.URL.Path, nil
}

// match returns the parameters of a path, and whether it fits a pattern.
func match(pattern, path string) (parameters map[string]string, fits bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	parameters = map[string]string{}
	for i, part := range want {
		if name, isParameter := strings.CutPrefix(part, "{"); isParameter {
			parameters[strings.TrimSuffix(name, "}")] = got[i]
		} else if part != got[i] {
			return nil, false
		}
	}
	return parameters, true
}
