package config

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// keyValues reads a mapping. Its first line decides whether it is read as KEY=VALUE lines or as YAML,
// which includes JSON.
func keyValues(text string) (map[string]string, error) {
	first := firstLine(text)
	equals, colon := strings.Index(first, "="), strings.Index(first+" ", ": ")
	switch {
	case first == "":
		return map[string]string{}, nil
	case first[0] == '{', first[0] == '[', strings.HasPrefix(first, "- "), first == "---":
		return yamlValues(text)
	case colon >= 0 && (equals < 0 || colon < equals):
		return yamlValues(text)
	}
	return lineValues(text)
}

// firstLine returns the first line that is neither empty nor a comment.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return line
		}
	}
	return ""
}

// lineValues reads KEY=VALUE lines. A value may be in double quotes, in which \n, \r, \t, \" and \\
// are escapes, or in single quotes, in which there are no escapes. In quotes it may have several
// lines. Without quotes it ends with the line, or before a # that follows a blank.
func lineValues(text string) (map[string]string, error) {
	values := map[string]string{}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for line := 1; text != ""; {
		row, rest, _ := strings.Cut(text, "\n")
		trimmed := strings.TrimSpace(row)
		if trimmed == "" || trimmed[0] == '#' {
			text = rest
			line++
			continue
		}
		key, _, ok := strings.Cut(row, "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" {
			return nil, fmt.Errorf("line %d is not KEY=VALUE", line)
		}
		value, left, err := oneValue(text[strings.Index(text, "=")+1:])
		if err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", line, quote(key), err)
		}
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("line %d: %s is there twice", line, quote(key))
		}
		values[key] = value
		line += strings.Count(text[:len(text)-len(left)], "\n")
		text = left
	}
	return values, nil
}

// oneValue reads the value at the beginning of a text, and returns what follows its line.
func oneValue(text string) (value, rest string, err error) {
	text = strings.TrimLeft(text, " \t")
	if text == "" || text[0] != '"' && text[0] != '\'' {
		row, rest, _ := strings.Cut(text, "\n")
		return strings.TrimSpace(beforeComment(row)), rest, nil
	}
	mark := text[0]
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == mark:
			row, rest, _ := strings.Cut(text[i+1:], "\n")
			if left := strings.TrimSpace(row); left != "" && left[0] != '#' {
				return "", "", fmt.Errorf("there is more after the closing quote")
			}
			return b.String(), rest, nil
		case c == '\\' && mark == '"' && i+1 < len(text):
			i++
			b.WriteString(unescape(text[i]))
		default:
			b.WriteByte(c)
		}
	}
	return "", "", fmt.Errorf("the quote is never closed")
}

func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case '"', '\\':
		return string(c)
	}
	return `\` + string(c)
}

func beforeComment(row string) string {
	for i := range row {
		if row[i] == '#' && (i == 0 || row[i-1] == ' ' || row[i-1] == '\t') {
			return row[:i]
		}
	}
	return row
}

// yamlValues reads a mapping in YAML. Scalars keep the text in which they were written, so that 007
// and yes stay what they are. A list becomes one value with commas, which is a list to
// CloudFormation.
func yamlValues(text string) (map[string]string, error) {
	const neither = "it is neither KEY=VALUE lines nor a mapping in JSON or YAML"
	root, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf(neither+": %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if root.Kind != yaml.MappingNode {
		return nil, errors.New(neither)
	}
	values := map[string]string{}
	for i := 0; i < len(root.Content); i += 2 {
		key := root.Content[i].Value
		value, err := scalar(root.Content[i+1])
		if err != nil {
			return nil, fmt.Errorf("%s %w", quote(key), err)
		}
		if key == "" {
			return nil, errors.New("there is a value without a key")
		}
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("%s is there twice", quote(key))
		}
		values[key] = value
	}
	return values, nil
}

// parse reads the one document that a text must be.
func parse(text string) (*yaml.Node, error) {
	var document yaml.Node
	d := yaml.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&document); err != nil {
		return nil, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after its end")
	}
	return document.Content[0], nil
}

func scalar(n *yaml.Node) (string, error) {
	switch {
	case n.Kind == yaml.AliasNode:
		return scalar(n.Alias)
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return "", fmt.Errorf("has no value")
	case n.Kind == yaml.ScalarNode:
		return n.Value, nil
	case n.Kind == yaml.SequenceNode:
		var items []string
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
				return "", fmt.Errorf("is a list of more than plain values")
			}
			items = append(items, item.Value)
		}
		return strings.Join(items, ","), nil
	}
	return "", fmt.Errorf("is neither a plain value nor a list of them")
}
