package config

import (
	"encoding/json"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// jsonNode reads one JSON value as the YAML that means the same. YAML's own reader takes most of JSON, but neither \/ nor
// the pairs of \u that stand for an emoji. What d reads must be valid JSON.
func jsonNode(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: token}, nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: token.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(token)}, nil
	case json.Delim:
		node := &yaml.Node{Kind: yaml.MappingNode}
		if token == '[' {
			node.Kind = yaml.SequenceNode
		}
		for d.More() {
			child, err := jsonNode(d) // in an object, keys and values by turns, as in a mapping's Content
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, child)
		}
		_, err := d.Token() // the bracket that closes
		return node, err
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}, nil
}
