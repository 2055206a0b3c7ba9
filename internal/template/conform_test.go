package template_test

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// conformance compares one template with the schemas.
type conformance struct {
	schemas    schemas
	parameters map[string]parameter
	resources  map[string]resource
	types      map[string]properties // the nested types of the resource at hand
	faults     []string
}

type parameter struct {
	Type          string      `yaml:"Type"`
	Default       yaml.Node   `yaml:"Default"`
	AllowedValues []yaml.Node `yaml:"AllowedValues"`
}

type resource struct {
	Type       string    `yaml:"Type"`
	DependsOn  yaml.Node `yaml:"DependsOn"`
	Properties yaml.Node `yaml:"Properties"`
}

// conform returns what AWS would refuse in a template, each fault with its path.
func conform(t *testing.T, all schemas, body string) []string {
	t.Helper()
	var document struct {
		Parameters map[string]parameter `yaml:"Parameters"`
		Resources  map[string]resource  `yaml:"Resources"`
		Conditions yaml.Node            `yaml:"Conditions"`
		Outputs    yaml.Node            `yaml:"Outputs"`
	}
	if err := yaml.Unmarshal([]byte(body), &document); err != nil {
		t.Fatal(err)
	}
	c := &conformance{schemas: all, parameters: document.Parameters, resources: document.Resources}
	for _, name := range slices.Sorted(maps.Keys(c.resources)) {
		c.resource(name)
	}
	c.refer("Outputs", &document.Outputs)
	c.refer("Conditions", &document.Conditions)
	return c.faults
}

func (c *conformance) fault(path, format string, args ...any) {
	c.faults = append(c.faults, path+": "+fmt.Sprintf(format, args...))
}

func (c *conformance) resource(name string) {
	r := c.resources[name]
	schema, known := c.schemas.Resources[r.Type]
	if !known {
		c.fault(name, "the schemas have no type %s: add it to testdata/schema/extract.mjs", r.Type)
		return
	}
	for dependency := range nodes(&r.DependsOn) {
		if dependency.Kind == yaml.ScalarNode && c.resources[dependency.Value].Type == "" {
			c.fault(name+".DependsOn", "there is no %s to refer to", dependency.Value)
		}
	}
	c.types = schema.Types
	c.mapping(name, r.Type, &r.Properties, schema.Properties)
}

// mapping checks the properties of a resource or of a nested type.
func (c *conformance) mapping(path, typeName string, node *yaml.Node, known properties) {
	set := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i].Value, node.Content[i+1]
		k, ok := known[name]
		if !ok {
			c.fault(path+"."+name, "%s has no such property", typeName)
			continue
		}
		set[name] = value.Value != "AWS::NoValue"
		c.value(path+"."+name, value, k)
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if known[name].Required && !set[name] {
			c.fault(path+"."+name, "it is required")
		}
	}
}

func (c *conformance) value(path string, node *yaml.Node, k kind) {
	if name, argument := function(node); name != "" {
		c.function(path, name, argument, k)
		return
	}
	wanted := map[string]yaml.Kind{"list": yaml.SequenceNode, "map": yaml.MappingNode, "json": node.Kind, "any of": node.Kind}
	_, nested := c.types[k.Type]
	shape, special := wanted[k.Type]
	switch {
	case nested:
		shape = yaml.MappingNode
	case !special:
		shape = yaml.ScalarNode
	}
	if node.Kind != shape {
		c.fault(path, "it is not of type %s", k.Type)
		return
	}
	switch {
	case nested:
		c.mapping(path, k.Type, node, c.types[k.Type])
	case k.Type == "json":
		c.refer(path, node)
	case k.Type == "any of":
		c.anyOf(path, node, k)
	case k.Type == "list":
		for i, element := range node.Content {
			c.value(fmt.Sprintf("%s.%d", path, i), element, k.Of[0])
		}
	case k.Type == "map":
		for i := 0; i+1 < len(node.Content); i += 2 {
			c.value(path+"."+node.Content[i].Value, node.Content[i+1], k.Of[0])
		}
	default:
		c.scalar(path, node, k, "")
	}
}

// anyOf reports the faults of the last alternative if none fits.
func (c *conformance) anyOf(path string, node *yaml.Node, k kind) {
	before := c.faults
	for _, alternative := range k.Of {
		c.faults = before
		c.value(path, node, alternative)
		if len(c.faults) == len(before) {
			return
		}
	}
}

// scalar checks a literal. whose says where it comes from if it does not stand at the path itself.
func (c *conformance) scalar(path string, node *yaml.Node, k kind, whose string) {
	tags := map[string][]string{"string": {"!!str"}, "integer": {"!!int"}, "number": {"!!int", "!!float"}, "boolean": {"!!bool"}}
	switch isText := k.Type == "string"; {
	case !slices.Contains(tags[k.Type], node.ShortTag()) && (whose == "" || !isText):
		c.fault(path, "%s%s is not of type %s", node.Value, whose, k.Type)
	case len(k.Values) > 0 && !slices.ContainsFunc(k.Values, func(v any) bool { return fmt.Sprint(v) == node.Value }):
		c.fault(path, "%s%s is not one of %v", node.Value, whose, k.Values)
	}
}

// function checks what an intrinsic function returns, as far as it is known before a deployment.
func (c *conformance) function(path, name string, argument *yaml.Node, k kind) {
	takesList := k.Type == "list" || k.Type == "json" || k.Type == "any of"
	switch name {
	case "Ref":
		c.ref(path, argument.Value, k, takesList)
	case "Fn::If":
		for _, branch := range argument.Content[1:] {
			if branch.Value != "AWS::NoValue" {
				c.value(path, branch, k)
			}
		}
		return
	case "Fn::Sub", "Fn::Join", "Fn::Base64":
		if _, nested := c.types[k.Type]; nested || k.Type == "list" || k.Type == "map" {
			c.fault(path, "%s returns text, want %s", name, k.Type)
		}
	case "Fn::Split", "Fn::GetAZs", "Fn::Cidr":
		if !takesList {
			c.fault(path, "%s returns a list, want %s", name, k.Type)
		}
	}
	c.refer(path, &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: name}, argument}})
}

// ref checks what a parameter gives: one value or a list, and its default and allowed values.
func (c *conformance) ref(path, name string, k kind, takesList bool) {
	p, isParameter := c.parameters[name]
	if !isParameter {
		return
	}
	isList := strings.HasPrefix(p.Type, "List<") || p.Type == "CommaDelimitedList" || strings.Contains(p.Type, "<List<")
	switch {
	case isList && !takesList:
		c.fault(path, "the parameter %s is a list, want %s", name, k.Type)
	case !isList && k.Type == "list":
		c.fault(path, "the parameter %s is not a list", name)
	case !isList && k.Type != "json" && k.Type != "any of":
		values := p.AllowedValues
		if !p.Default.IsZero() {
			values = append([]yaml.Node{p.Default}, values...)
		}
		for _, value := range values {
			c.scalar(path, &value, k, ", a value of the parameter "+name+",")
		}
	}
}

// refer reports references below a node to what the template does not have.
func (c *conformance) refer(path string, node *yaml.Node) {
	for name, attribute := range references(node) {
		_, isParameter := c.parameters[name]
		r, isResource := c.resources[name]
		schema, known := c.schemas.Resources[r.Type]
		switch {
		case strings.HasPrefix(name, "AWS::"):
		case !isResource && (!isParameter || attribute != ""):
			c.fault(path, "there is no %s to refer to", name)
		case attribute != "" && known && !slices.Contains(schema.Attributes, attribute):
			c.fault(path, "%s has no attribute %s", r.Type, attribute)
		}
	}
}

// function returns the intrinsic function that a node calls, in its long form, and its argument. It
// returns "" for any other node.
func function(node *yaml.Node) (name string, argument *yaml.Node) {
	if short, ok := strings.CutPrefix(node.Tag, "!"); ok && !strings.HasPrefix(short, "!") {
		if short != "Ref" && short != "Condition" {
			short = "Fn::" + short
		}
		return short, node
	}
	if node.Kind == yaml.MappingNode && len(node.Content) == 2 {
		if key := node.Content[0].Value; key == "Ref" || strings.HasPrefix(key, "Fn::") {
			return key, node.Content[1]
		}
	}
	return "", nil
}

var substitution = regexp.MustCompile(`\$\{([\w:]+)(?:\.([\w.]+))?\}`)

// references yields the names, and the attributes or "", to which a node and all nodes below it refer.
func references(node *yaml.Node) iter.Seq2[string, string] {
	return func(yield func(name, attribute string) bool) {
		for n := range nodes(node) {
			name, argument := function(n)
			switch {
			case name == "Ref":
				if !yield(argument.Value, "") {
					return
				}
			case name == "Fn::GetAtt":
				resource, attribute, _ := strings.Cut(argument.Value, ".")
				if len(argument.Content) == 2 {
					resource, attribute = argument.Content[0].Value, argument.Content[1].Value
				}
				if !yield(resource, attribute) {
					return
				}
			case name == "Fn::Sub" && argument.Kind == yaml.ScalarNode:
				for _, found := range substitution.FindAllStringSubmatch(argument.Value, -1) {
					if !yield(found[1], found[2]) {
						return
					}
				}
			}
		}
	}
}
