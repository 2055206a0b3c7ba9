package cloudformation

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// template is a parsed template. Its values are map[string]any, []any and string: every scalar is
// kept as it is written, and an intrinsic function is a map with one key, Ref, Condition or Fn::…,
// also if it was written as a tag.
type template struct {
	Version     string
	Description string
	Metadata    string // in JSON; "" if there is none
	Parameters  map[string]templateParameter
	Mappings    map[string]any
	Conditions  map[string]any
	Rules       map[string]any
	Resources   map[string]templateResource
	Outputs     map[string]templateOutput
}

type templateResource struct {
	Type           string
	Properties     map[string]any
	Needs          []string // the logical IDs that it refers to or depends on
	Condition      string
	DeletionPolicy string
	Capability     string // that a deployment must acknowledge, or ""
}

type templateOutput struct {
	Value       any
	Condition   string
	Description string
	Export      any // the name under which other stacks may import it; nil: none
}

// parseTemplate reads a template in YAML or JSON. Its errors are in CloudFormation's words, as
// recorded in LocalStack's snapshots of AWS's answers (tests/aws/services/cloudformation).
// Templates are cached, as nothing changes them.
func (c *Engine) parseTemplate(body string) (*template, error) {
	if held, ok := c.parsed[body]; ok {
		return held, nil
	}
	t, err := c.readTemplate(body)
	if err == nil {
		c.parsed[body] = t
	}
	return t, err
}

// parseBody reads the mapping that a template is.
func parseBody(body string) (map[string]any, error) {
	var document yaml.Node
	trimmed := strings.TrimSpace(body)
	looksLikeJSON := strings.HasPrefix(trimmed, "{") && strings.Contains(trimmed, `"`)
	if looksLikeJSON && !json.Valid([]byte(body)) && yaml.Unmarshal([]byte(body), &document) != nil {
		return nil, wire.Invalid("Template format error: JSON not well-formed. " + position(body))
	}
	if err := yaml.Unmarshal([]byte(body), &document); err != nil || len(document.Content) == 0 {
		return nil, wire.Invalid("Template format error: YAML not well-formed.")
	}
	root, err := value(document.Content[0])
	if err != nil {
		return nil, err
	}
	top, ok := root.(map[string]any)
	if !ok {
		return nil, wire.Invalid("Template format error: unsupported structure.")
	}
	return top, nil
}

func (c *Engine) readTemplate(body string) (*template, error) {
	top, err := parseBody(body)
	if err != nil {
		return nil, err
	}
	t := &template{
		Version: property.Text(top["AWSTemplateFormatVersion"]), Description: property.Text(top["Description"]),
		Parameters: map[string]templateParameter{},
		Mappings:   property.Object(top["Mappings"]),
		Conditions: property.Object(top["Conditions"]),
		Rules:      property.Object(top["Rules"]),
		Resources:  map[string]templateResource{},
		Outputs:    map[string]templateOutput{},
	}
	if metadata, ok := top["Metadata"]; ok {
		text, _ := json.Marshal(metadata) // it is made of maps, lists and strings
		t.Metadata = string(text)
	}
	for name, v := range property.Object(top["Parameters"]) {
		if t.Parameters[name], err = parameter(name, property.Object(v)); err != nil {
			return nil, err
		}
	}
	for id, v := range property.Object(top["Resources"]) {
		r := property.Object(v)
		kind, _ := r["Type"].(string)
		if kind == "" {
			return nil, wire.Invalid(fmt.Sprintf("Template format error: [/Resources/%s] Every Resources object must contain a Type member.", id))
		}
		registered, ok := c.types[kind]
		if !ok {
			return nil, wire.Invalid("Template format error: Unrecognized resource types: [" + kind + "]")
		}
		definition := templateResource{
			Type:           kind,
			Properties:     property.Object(r["Properties"]),
			Condition:      property.Text(r["Condition"]),
			DeletionPolicy: property.Text(r["DeletionPolicy"]),
			Needs:          append(property.Texts(r["DependsOn"]), references(r["Metadata"])...),
		}
		if registered.Capability != nil {
			definition.Capability = registered.Capability(definition.Properties)
		}
		t.Resources[id] = definition
	}
	if len(t.Resources) == 0 {
		return nil, wire.Invalid("Template format error: At least one Resources member must be defined.")
	}
	for name, v := range property.Object(top["Outputs"]) {
		o := property.Object(v)
		t.Outputs[name] = templateOutput{
			Value: o["Value"], Condition: property.Text(o["Condition"]), Description: property.Text(o["Description"]),
			Export: property.Object(o["Export"])["Name"],
		}
	}
	return t, t.resolveNeeds()
}

// position returns where a text stops being JSON.
func position(body string) string {
	end := len(body)
	if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal([]byte(body), new(any))); ok {
		end = min(int(syntax.Offset), end)
	}
	line := strings.Count(body[:end], "\n") + 1
	column := end - strings.LastIndex(body[:end], "\n")
	return fmt.Sprintf("(line %d, column %d)", line, column)
}

// resolveNeeds finds what each resource refers to. A reference to something that does not exist is
// an error.
func (t *template) resolveNeeds() error {
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[id]
		names := append(references(r.Properties), r.Needs...)
		if unknown := t.unknown(names); unknown != "" {
			return wire.Invalid(fmt.Sprintf("Template format error: Unresolved resource dependencies [%s] in the Resources block of the template", unknown))
		}
		r.Needs = slices.DeleteFunc(names, func(name string) bool { _, ok := t.Resources[name]; return !ok })
		slices.Sort(r.Needs)
		r.Needs = slices.Compact(r.Needs)
		t.Resources[id] = r
	}
	for _, name := range slices.Sorted(maps.Keys(t.Outputs)) {
		if unknown := t.unknown(references(t.Outputs[name].Value)); unknown != "" {
			// The message for outputs does not begin with "Template format error:".
			return wire.Invalid(fmt.Sprintf("Unresolved resource dependencies [%s] in the Outputs block of the template", unknown))
		}
	}
	return nil
}

func (t *template) unknown(names []string) string {
	for _, name := range names {
		_, isResource := t.Resources[name]
		_, isParameter := t.Parameters[name]
		if !isResource && !isParameter && !strings.HasPrefix(name, "AWS::") {
			return name
		}
	}
	return ""
}

// capabilities returns those that a deployment of the template must acknowledge, and the types that
// need them.
func (t *template) capabilities() (list []string, reasons []string) {
	named := false
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[id]
		if r.Capability == "" {
			continue
		}
		reasons = append(reasons, r.Type)
		named = named || r.Capability == NamedIAM
	}
	switch {
	case named:
		return []string{NamedIAM}, reasons
	case len(reasons) > 0:
		return []string{IAM}, reasons
	}
	return nil, nil
}
