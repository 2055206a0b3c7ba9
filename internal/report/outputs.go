package report

import (
	"encoding/json"
	"strings"
)

// Output is one output of the action.
type Output struct {
	Name, Value string
}

// Outputs returns every output in the order of action.yml. What is unknown is empty, which a workflow cannot tell from
// an output that was not set. A value with a line break, which only a user's own template can bring about, is left out
// and named in refused: the file that outputs go to would read the lines after it as outputs of their own.
func Outputs(r Result) (outputs []Output, refused []string) {
	all := []Output{
		{"url", r.URL},
		{"environment", r.Environment.Name},
		{"stack-name", r.StackName},
		{"stack-id", r.StackID},
		{"image", r.Image},
		{"image-digest", r.ImageDigest},
		{"status", string(r.Status)},
		{"stack-outputs", stackOutputs(r)},
	}
	for _, o := range all {
		if strings.ContainsAny(o.Value, "\r\n") {
			refused = append(refused, o.Name)
			continue
		}
		outputs = append(outputs, o)
	}
	return outputs, refused
}

// stackOutputs is one line of JSON, with sorted keys, so that fromJSON reads it and an equal stack gives an equal text.
func stackOutputs(r Result) string {
	if r.StackOutputs == nil {
		return "{}"
	}
	text, _ := json.Marshal(r.StackOutputs) // a map of strings always can be
	return string(text)
}
