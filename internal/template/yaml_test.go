package template_test

import "go.yaml.in/yaml/v3"

// nodes yields a node and all nodes below it.
func nodes(node *yaml.Node) func(yield func(*yaml.Node) bool) {
	return func(yield func(*yaml.Node) bool) {
		walk(node, yield)
	}
}

func walk(node *yaml.Node, yield func(*yaml.Node) bool) bool {
	if !yield(node) {
		return false
	}
	for _, child := range node.Content {
		if !walk(child, yield) {
			return false
		}
	}
	return true
}
