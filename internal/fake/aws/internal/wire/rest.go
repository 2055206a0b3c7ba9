package wire

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
)

// rest reads the calls to services that speak JSON over REST, whose operation and part of whose input
// are in the method and the path. It returns the operation and the whole input as JSON.
var rest = map[string]func(r *http.Request, body []byte) (operation string, input []byte){"lambda": readLambda}

var functionPath = regexp.MustCompile(`^/2015-03-31/functions/([^/]+)$`)

func readLambda(r *http.Request, body []byte) (operation string, input []byte) {
	path := functionPath.FindStringSubmatch(r.URL.EscapedPath())
	if path == nil || r.Method != http.MethodGet {
		return r.Method + " " + r.URL.Path, body
	}
	name, err := url.PathUnescape(path[1])
	if err != nil {
		name = path[1]
	}
	input, _ = json.Marshal(map[string]string{"FunctionName": name}) // a map of texts is always JSON
	return "GetFunction", input
}
