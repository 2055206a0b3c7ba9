package apigateway

import (
	"net/http"
	"strconv"
	"strings"

	"pr-stack/internal/fake/aws/internal/property"
)

// overwritten returns the headers that an integration overwrites in answers, by status. Of the parameter
// mappings it knows static values only.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
func overwritten(p map[string]any) map[string]map[string]string {
	all := map[string]map[string]string{}
	for status, mapping := range property.Object(p["ResponseParameters"]) {
		all[status] = map[string]string{}
		for _, item := range property.List(property.Object(mapping)["ResponseParameters"]) {
			o := property.Object(item)
			if name, ok := strings.CutPrefix(property.Text(o["Destination"]), "overwrite:header."); ok {
				all[status][name] = property.Text(o["Source"])
			}
		}
	}
	return all
}

// mapped returns a handler whose answers have the headers that the integration overwrites.
func (i *integration) mapped(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(&mapping{ResponseWriter: w, headers: i.headers}, r)
	})
}

type mapping struct {
	http.ResponseWriter
	headers map[string]map[string]string
	done    bool
}

func (m *mapping) WriteHeader(status int) {
	if !m.done {
		m.done = true
		for name, value := range m.headers[strconv.Itoa(status)] {
			m.Header().Set(name, value)
		}
	}
	m.ResponseWriter.WriteHeader(status)
}

func (m *mapping) Write(body []byte) (int, error) {
	if !m.done {
		m.WriteHeader(http.StatusOK)
	}
	return m.ResponseWriter.Write(body)
}
