package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// cfnTemplate is a template as it was read. Its values are map[string]any, []any and string: every scalar is kept as
// it was written, and an intrinsic function is a map with one key, Ref, Condition or Fn::…, whatever form it had.
type cfnTemplate struct {
	Parameters map[string]cfnParameter
	Mappings   map[string]any
	Conditions map[string]any
	Resources  map[string]cfnResource
	Outputs    map[string]cfnOutput
}

type cfnParameter struct {
	Type          string
	Default       *string
	AllowedValues []string
	NoEcho        bool
	Description   string
}

type cfnResource struct {
	Type           string
	Properties     map[string]any
	Needs          []string // the logical IDs that it refers to or depends on
	Condition      string
	DeletionPolicy string
}

type cfnOutput struct {
	Value       any
	Condition   string
	Description string
}

// maxTemplate is the most bytes that a call takes as a template's body.
const maxTemplate = 51200

// parseTemplate reads a template in YAML or JSON. Its errors are in CloudFormation's words, as recorded in LocalStack's
// snapshots of AWS's answers (tests/aws/services/cloudformation).
//
// What was read once is not read again: nothing changes a template after that.
func (a *AWS) parseTemplate(body string) (*cfnTemplate, error) {
	if held, ok := a.cfn.parsed[body]; ok {
		return held, nil
	}
	t, err := a.readTemplate(body)
	if err == nil {
		if a.cfn.parsed == nil {
			a.cfn.parsed = map[string]*cfnTemplate{}
		}
		a.cfn.parsed[body] = t
	}
	return t, err
}

func (a *AWS) readTemplate(body string) (*cfnTemplate, error) {
	if len(body) > maxTemplate {
		return nil, invalid(fmt.Sprintf("1 validation error detected: Value '%s' at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200", body))
	}
	var document yaml.Node
	if trimmed := strings.TrimSpace(body); strings.HasPrefix(trimmed, "{") && strings.Contains(trimmed, `"`) && !json.Valid([]byte(body)) && yaml.Unmarshal([]byte(body), &document) != nil {
		return nil, invalid("Template format error: JSON not well-formed. " + position(body))
	}
	if err := yaml.Unmarshal([]byte(body), &document); err != nil || len(document.Content) == 0 {
		return nil, invalid("Template format error: YAML not well-formed.")
	}
	root, err := value(document.Content[0])
	if err != nil {
		return nil, err
	}
	top, ok := root.(map[string]any)
	if !ok {
		return nil, invalid("Template format error: unsupported structure.")
	}
	t := &cfnTemplate{
		Parameters: map[string]cfnParameter{},
		Mappings:   object(top["Mappings"]),
		Conditions: object(top["Conditions"]),
		Resources:  map[string]cfnResource{},
		Outputs:    map[string]cfnOutput{},
	}
	for name, v := range object(top["Parameters"]) {
		t.Parameters[name] = parameter(object(v))
	}
	for id, v := range object(top["Resources"]) {
		r := object(v)
		kind, _ := r["Type"].(string)
		if kind == "" {
			return nil, invalid(fmt.Sprintf("Template format error: [/Resources/%s] Every Resources object must contain a Type member.", id))
		}
		if _, ok := a.types[kind]; !ok {
			return nil, invalid("Template format error: Unrecognized resource types: [" + kind + "]")
		}
		t.Resources[id] = cfnResource{
			Type:           kind,
			Properties:     object(r["Properties"]),
			Condition:      text(r["Condition"]),
			DeletionPolicy: text(r["DeletionPolicy"]),
			Needs:          texts(r["DependsOn"]),
		}
	}
	if len(t.Resources) == 0 {
		return nil, invalid("Template format error: At least one Resources member must be defined.")
	}
	for name, v := range object(top["Outputs"]) {
		o := object(v)
		t.Outputs[name] = cfnOutput{Value: o["Value"], Condition: text(o["Condition"]), Description: text(o["Description"])}
	}
	return t, t.resolveNeeds()
}

// position says where a text stops being JSON.
func position(body string) string {
	end := len(body)
	if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal([]byte(body), new(any))); ok {
		end = min(int(syntax.Offset), end)
	}
	line := strings.Count(body[:end], "\n") + 1
	column := end - strings.LastIndex(body[:end], "\n")
	return fmt.Sprintf("(line %d, column %d)", line, column)
}

// resolveNeeds finds what each resource refers to, and refuses what refers to nothing.
func (t *cfnTemplate) resolveNeeds() error {
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[id]
		names := append(references(r.Properties), r.Needs...)
		if unknown := t.unknown(names); unknown != "" {
			return invalid(fmt.Sprintf("Template format error: Unresolved resource dependencies [%s] in the Resources block of the template", unknown))
		}
		r.Needs = slices.DeleteFunc(names, func(name string) bool { _, ok := t.Resources[name]; return !ok })
		slices.Sort(r.Needs)
		r.Needs = slices.Compact(r.Needs)
		t.Resources[id] = r
	}
	for _, name := range slices.Sorted(maps.Keys(t.Outputs)) {
		if unknown := t.unknown(references(t.Outputs[name].Value)); unknown != "" {
			// The form for outputs has no "Template format error:" in front.
			return invalid(fmt.Sprintf("Unresolved resource dependencies [%s] in the Outputs block of the template", unknown))
		}
	}
	return nil
}

func (t *cfnTemplate) unknown(names []string) string {
	for _, name := range names {
		_, isResource := t.Resources[name]
		_, isParameter := t.Parameters[name]
		if !isResource && !isParameter && !strings.HasPrefix(name, "AWS::") {
			return name
		}
	}
	return ""
}

func parameter(v map[string]any) cfnParameter {
	p := cfnParameter{
		Type:          text(v["Type"]),
		AllowedValues: texts(v["AllowedValues"]),
		NoEcho:        text(v["NoEcho"]) == "true",
		Description:   text(v["Description"]),
	}
	if standard, ok := v["Default"].(string); ok {
		p.Default = &standard
	}
	return p
}

// capabilities are those that a deployment of the template has to acknowledge.
func (t *cfnTemplate) capabilities() (list []string, reasons []string) {
	named := false
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		r := t.Resources[id]
		if !strings.HasPrefix(r.Type, "AWS::IAM::") {
			continue
		}
		reasons = append(reasons, r.Type)
		named = named || r.Properties["RoleName"] != nil
	}
	switch {
	case named:
		return []string{"CAPABILITY_NAMED_IAM"}, reasons
	case len(reasons) > 0:
		return []string{"CAPABILITY_IAM"}, reasons
	}
	return nil, nil
}
