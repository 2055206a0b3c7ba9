package report

import (
	"encoding/json"
	"strings"
)

// Output is one output of the action.
type Output struct {
	Name, Value string
}

// Outputs returns every output in the order of action.yml. An unknown one is empty, which for a
// workflow is the same as an output that was not set. A value with a line break, which only a
// user's own template can bring about, is left out and named in refused: the file that outputs go
// to would read the lines after it as outputs of their own.
func Outputs(r Result) (outputs []Output, refused []string) {
	stack := stackOf(r)
	deployment, ok := r.(*Deployment)
	if !ok {
		deployment = &Deployment{}
	}
	all := []Output{
		{"url", deployment.url()},
		{"environment", r.Common().Environment.Name},
		{"stack-name", stack.Name},
		{"stack-id", stack.ID},
		{"image", deployment.Image},
		{"image-digest", deployment.ImageDigest},
		{"status", OutputStatus(r)},
		{"stack-outputs", stackOutputs(stack)},
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

// url returns the URL that answers now. After a failed update that is the one of the commit before.
func (d *Deployment) url() string {
	switch {
	case d.Ending == Skipped:
		return ""
	case d.Ending != Up && d.StillUp != nil && d.StillUp.URL != "":
		return d.StillUp.URL
	}
	return d.URL
}

// stackOutputs is one line of JSON with sorted keys, so that fromJSON reads it and equal outputs give
// an equal text.
func stackOutputs(s Stack) string {
	if s.Outputs == nil {
		return "{}"
	}
	text, _ := json.Marshal(s.Outputs) // a map of strings can always be marshaled
	return string(text)
}
