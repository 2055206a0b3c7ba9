package report

import (
	"encoding/json"
	"strconv"
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
	stack, v := stackOf(r), valuesOf(r)
	all := []Output{
		{"url", v.url},
		{"environment", r.Common().Environment.Name},
		{"stack-name", stack.Name},
		{"stack-id", stack.ID},
		{"image", v.image},
		{"image-digest", v.digest},
		{"status", OutputStatus(r)},
		{"stack-outputs", stackOutputs(stack)},
		{"generation", v.generation},
		{"environments", v.environments},
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

// values are the outputs that differ by the kind of result.
type values struct {
	url, image, digest, generation, environments string
}

func valuesOf(r Result) (v values) {
	switch r := r.(type) {
	case *Deployment:
		return values{url: r.url(), image: r.Image, digest: r.ImageDigest}
	case *Promotion:
		v.image, v.generation = r.Live.Image, numbered(r.Live.Number)
		_, v.digest, _ = strings.Cut(r.Live.Image, "@")
		if r.Ending != Skipped {
			v.url = r.URL
		}
	case *Overview:
		v.environments = r.JSON()
		if r.Production != nil {
			v.url, v.generation = r.Production.URL, numbered(r.Production.whole())
		}
	}
	return v
}

// numbered returns the number of a generation; "" if there is none.
func numbered(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
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
