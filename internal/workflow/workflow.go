// Package workflow reads the workflows of a repository and finds mistakes in those that use pr-stack. It
// asks nobody, and knows only what the files say: an expression can be anything.
package workflow

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Folder is where a repository's workflows are.
const Folder = ".github/workflows"

// maxFile is the size of the longest file that is read, and maxFiles how many are.
const (
	maxFile  = 1 << 20
	maxFiles = 200
)

// File is one workflow.
type File struct {
	Name string // without the folder
	Text string
}

// Read returns the workflows in a checkout. Without the folder, the error is os.ErrNotExist.
func Read(checkout string) (files []File, err error) {
	root, err := os.OpenRoot(checkout) // a link may lead elsewhere
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer root.Close()
	folder, err := root.Open(Folder)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer folder.Close()
	names, err := folder.Readdirnames(maxFiles)
	if err != nil && len(names) == 0 {
		return nil, nil // it is empty
	}
	slices.Sort(names)
	for _, name := range names {
		if extension := filepath.Ext(name); extension != ".yml" && extension != ".yaml" {
			continue
		}
		path := filepath.Join(Folder, name)
		if info, err := root.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
			continue
		}
		text, err := root.ReadFile(path)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: name, Text: string(text)})
	}
	return files, nil
}

// parsed is what matters of a workflow.
type parsed struct {
	name        string
	On          yaml.Node
	Env         map[string]string
	Permissions yaml.Node
	Concurrency yaml.Node
	Jobs        map[string]job
}

type job struct {
	If          string
	RunsOn      yaml.Node `yaml:"runs-on"`
	Env         map[string]string
	Permissions yaml.Node
	Concurrency yaml.Node
	Steps       []step
}

type step struct {
	Uses string
	If   string
	Env  map[string]string
	With map[string]string
}

func parse(f File) (parsed, error) {
	p := parsed{name: f.Name}
	err := yaml.Unmarshal([]byte(f.Text), &p)
	return p, err
}

// events returns the events that the workflow runs on, with what it says about each.
func (p parsed) events() map[string]yaml.Node {
	events := map[string]yaml.Node{}
	switch p.On.Kind {
	case yaml.ScalarNode:
		events[p.On.Value] = yaml.Node{}
	case yaml.SequenceNode:
		for _, e := range p.On.Content {
			events[e.Value] = yaml.Node{}
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(p.On.Content); i += 2 {
			events[p.On.Content[i].Value] = *p.On.Content[i+1]
		}
	}
	return events
}

// types returns the types of an event that the workflow runs on. By default these are GitHub's own.
// https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
func (p parsed) types(event string) []string {
	var filter struct{ Types yaml.Node }
	node := p.events()[event]
	if node.Decode(&filter) != nil || filter.Types.IsZero() {
		return []string{"opened", "synchronize", "reopened"}
	}
	return scalars(filter.Types)
}

// scalars returns a value, or the values of a list.
func scalars(n yaml.Node) (list []string) {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	for _, item := range n.Content {
		list = append(list, item.Value)
	}
	return list
}

// use is a step that uses pr-stack.
type use struct {
	parsed
	job
	jobName string
	at      int // the step's place in the job
	ref     string
	with    map[string]string
}

// where names the step's job in messages.
func (u use) where() string { return fmt.Sprintf("%s, job %s", u.name, u.jobName) }

// uses returns the steps that use the action, which is owner/name, or any action of that name.
func (p parsed) uses(action string) (list []use) {
	for name, job := range p.Jobs {
		for at, step := range job.Steps {
			repository, ref, ok := strings.Cut(step.Uses, "@")
			_, own, _ := strings.Cut(repository, "/")
			if ok && (strings.EqualFold(repository, action) || strings.EqualFold(own, "pr-stack")) {
				list = append(list, use{parsed: p, job: job, jobName: name, at: at, ref: ref, with: step.With})
			}
		}
	}
	slices.SortFunc(list, func(a, b use) int {
		if order := strings.Compare(a.jobName, b.jobName); order != 0 {
			return order
		}
		return a.at - b.at
	})
	return list
}

// isExpression reports whether a value is known only when the job runs.
func isExpression(s string) bool { return strings.Contains(s, "${{") }
