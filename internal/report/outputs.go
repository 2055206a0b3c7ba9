package report

import (
	"encoding/json"
	"strings"
)

// Output is one output of the action.
type Output struct {
	Name, Value string
}

// Outputs returns every output in the order of action.yml. The value of an unknown output is empty;
// for a workflow, that is the same as an output that was not set. An output whose value has a line
// break is left out, and its name is in refused: GitHub would read the lines after the break as
// further outputs. Only a user's own template can cause that.
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

// url returns the URL that answers now. After a failed update, that is the URL of the commit before;
// a skipped run has none.
func (d *Deployment) url() string {
	switch {
	case d.Ending == Skipped:
		return ""
	case d.Ending != Up && d.StillUp != nil && d.StillUp.URL != "":
		return d.StillUp.URL
	}
	return d.URL
}

// stackOutputs returns one line of JSON with sorted keys, so that fromJSON can read it and equal
// outputs give equal texts.
func stackOutputs(s Stack) string {
	if s.Outputs == nil {
		return "{}"
	}
	text, _ := json.Marshal(s.Outputs) // a map of strings can always be marshaled
	return string(text)
}
