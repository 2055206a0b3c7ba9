package cloudformation

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"pr-stack/internal/fake/aws/internal/wire"
)

// value converts a YAML node to map[string]any, []any or string.
func value(n *yaml.Node) (any, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	plain, err := plainValue(n)
	if err != nil || !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return plain, err
	}
	switch name := n.Tag[1:]; name {
	case "Ref", "Condition":
		return map[string]any{name: plain}, nil
	case "GetAtt":
		if path, ok := plain.(string); ok {
			id, attribute, _ := strings.Cut(path, ".")
			plain = []any{id, attribute}
		}
		return map[string]any{"Fn::GetAtt": plain}, nil
	default:
		return map[string]any{"Fn::" + name: plain}, nil
	}
}

func plainValue(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		return n.Value, nil
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			v, err := value(item)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := value(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			object[n.Content[i].Value] = v
		}
		return object, nil
	}
	return nil, wire.Invalid("Template format error: unsupported structure.")
}
