package config

import (
	"encoding/json"
	"strings"

	"github.com/mattn/go-shellwords"
)

// Tasks are commands that run once in a task of the environment's image. An empty one does not run.
type Tasks struct {
	Seed          []string // once, when the environment is created
	Migrate       []string // at each new image
	BeforeDestroy []string // before the environment is deleted
}

// tasks returns the one-off tasks. Only ECS has such tasks.
func (l *loader) tasks() Tasks {
	if l.text("template") == "lambda" {
		for _, input := range []string{"seed", "migrate", "before-destroy"} {
			if l.text(input) != "" {
				l.addf(input, "remove it, or have the function do that work", "it runs in an ECS task, and template lambda has none")
			}
		}
	}
	return Tasks{Seed: l.argv("seed"), Migrate: l.argv("migrate"), BeforeDestroy: l.argv("before-destroy")}
}

// argv reads a command: a list in JSON, or words as a shell splits them. No shell runs it, and nothing
// in it is expanded.
func (l *loader) argv(input string) []string {
	text := strings.TrimSpace(l.text(input))
	if text == "" {
		return nil
	}
	const then = `write it as ["npm", "run", "migrate"], or as npm run migrate`
	if text[0] == '[' {
		var list []string
		if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) == 0 {
			l.addf(input, then, "it is not a list of words in JSON")
		}
		return list
	}
	parser := shellwords.NewParser()
	list, err := parser.Parse(text)
	switch {
	case err != nil:
		l.addf(input, then, "a quote in it is not closed")
	case parser.Position >= 0: // it stopped at a character that only a shell knows
		l.addf(input, `write ["sh", "-c", "…"] to have a shell run it`, "%s needs a shell, and none runs it", quote(text))
	}
	return list
}
