package permissions

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Policy is an IAM policy, as the console and `aws iam put-role-policy` take it.
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement allows actions on resources. Its name says what it is for.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition Condition `json:",omitempty"`
}

// Condition is what must hold of a request: operator → key → values, of which one must match.
type Condition map[string]map[string][]string

// MaxSize is how many characters the inline policies of a role may have; white space does not count.
// A longer policy needs several managed ones: see Split.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MaxSize = 10_240

// Size returns how many characters the policy has, as IAM counts them.
func (p Policy) Size() int {
	return len(strings.Join(strings.Fields(p.JSON()), ""))
}

// JSON returns the policy as text. Several names share a line: json.MarshalIndent would give each of
// them its own, and a person has to read and copy three policies.
func (p Policy) JSON() string {
	var b bytes.Buffer
	b.WriteString("{\n  \"Version\": " + quoted(p.Version) + ",\n  \"Statement\": [")
	for i, s := range p.Statement {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n    {\n")
		b.WriteString("      \"Sid\": " + quoted(s.Sid) + ",\n")
		b.WriteString("      \"Effect\": " + quoted(s.Effect) + ",\n")
		b.WriteString("      \"Action\": " + list(s.Action) + ",\n")
		b.WriteString("      \"Resource\": " + list(s.Resource))
		if len(s.Condition) > 0 {
			b.WriteString(",\n      \"Condition\": " + s.Condition.json())
		}
		b.WriteString("\n    }")
	}
	b.WriteString("\n  ]\n}\n")
	return b.String()
}

// json writes each operator in one line, with its keys in the lines below if there are several.
func (c Condition) json() string {
	var operators []string
	for _, operator := range slices.Sorted(maps.Keys(c)) {
		var keys []string
		for _, key := range slices.Sorted(maps.Keys(c[operator])) {
			keys = append(keys, quoted(key)+": "+spaced(c[operator][key]))
		}
		if len(keys) == 1 {
			operators = append(operators, quoted(operator)+": { "+keys[0]+" }")
			continue
		}
		const indent = "\n          "
		operators = append(operators, quoted(operator)+": {"+indent+strings.Join(keys, ","+indent)+"\n        }")
	}
	const indent = "\n        "
	return "{" + indent + strings.Join(operators, ","+indent) + "\n      }"
}

// spaced writes strings as a JSON list in one line.
func spaced(values []string) string {
	items := make([]string, len(values))
	for i, v := range values {
		items[i] = quoted(v)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// lineLength is where a list's lines are broken.
const lineLength = 100

// list writes strings as a JSON list: in one line, or as many lines as it needs.
func list(values []string) string {
	const indent = "        "
	var lines []string
	line := ""
	for i, v := range values {
		item := quoted(v)
		if i < len(values)-1 {
			item += ","
		}
		if line != "" && len(indent)+len(line)+1+len(item) > lineLength {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimLeft(line+" "+item, " ")
	}
	lines = append(lines, line)
	if len(lines) == 1 {
		return "[" + line + "]"
	}
	return "[\n" + indent + strings.Join(lines, "\n"+indent) + "\n      ]"
}

// quoted writes a value as JSON in one line. Policies hold names and ARNs only, so it cannot fail.
func quoted(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
