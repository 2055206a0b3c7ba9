package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Mistake is something in the workflows that should be otherwise.
type Mistake struct {
	Where string // the file, and the job
	What  string
	Fix   string
	Fatal bool // no deployment works with it
}

// Rules is what the workflows are compared with.
type Rules struct {
	Action  string   // pr-stack's repository, owner/name; "" if it is not known
	Ref     string   // of pr-stack that the current run uses; "" if it is not known
	Inputs  []string // that exist
	Nearest func(input string) string
}

// Found is what the workflows say.
type Found struct {
	Uses     int  // how many steps use pr-stack
	Promotes bool // one of them promotes
	Mistakes []Mistake
}

// Examine finds the mistakes.
func Examine(files []File, rules Rules) (f Found) {
	var all []use
	for _, file := range files {
		p, err := parse(file)
		if err != nil {
			if strings.Contains(file.Text, "pr-stack") {
				f.add(Mistake{Where: file.Name, What: "it is not a valid workflow: " + firstLine(err), Fix: "correct the YAML", Fatal: true})
			}
			continue
		}
		all = append(all, p.uses(rules.Action)...)
	}
	f.Uses, f.Promotes = len(all), slices.ContainsFunc(all, use.promotes)
	for _, u := range all {
		for _, check := range checks {
			for _, m := range check(u, rules) {
				m.Where = cmp.Or(m.Where, u.where())
				f.add(m)
			}
		}
	}
	f.together(all)
	return f
}

func (f *Found) add(m Mistake) {
	if !slices.Contains(f.Mistakes, m) {
		f.Mistakes = append(f.Mistakes, m)
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "yaml: "), "\n")
	return line
}

// together finds what only all workflows show.
func (f *Found) together(all []use) {
	if len(all) == 0 {
		return
	}
	sweeps := func(u use) bool { _, ok := u.events()["schedule"]; return ok && u.is("auto", "sweep") }
	if !slices.ContainsFunc(all, sweeps) {
		f.add(Mistake{
			Where: Folder, What: "no workflow sweeps on a schedule, and closed does not run for a pull request with merge conflicts",
			Fix: "copy the workflow sweep from README.md, Cleaning up stale environments",
		})
	}
	f.closes(all)
	f.twice(all)
}

// closes finds pull requests' environments that no workflow deletes when the pull request is closed.
func (f *Found) closes(all []use) {
	closed := func(u use) bool {
		return u.is("auto", "destroy") && (u.runsOn("pull_request", "closed") || u.runsOn("pull_request_target", "closed"))
	}
	if slices.ContainsFunc(all, closed) {
		return
	}
	for _, u := range all {
		if u.preview() {
			f.add(Mistake{
				Where: u.name, What: "closed is not among the types of pull_request, so an environment outlives its pull request",
				Fix: "write types: [opened, synchronize, reopened, closed]",
			})
		}
	}
}

// twice finds two workflows that deploy the same environments.
func (f *Found) twice(all []use) {
	first := map[string]use{}
	for _, u := range all {
		if !u.preview() {
			continue
		}
		service := u.with["service"]
		if before, ok := first[service]; ok && before.name != u.name {
			f.add(Mistake{
				Where: before.name + " and " + u.name,
				What:  "both deploy the same environments on pull_request",
				Fix:   "remove one of them, or give each a service of its own",
			})
			continue
		}
		first[service] = u
	}
}

// is reports whether the step's command is one of these.
func (u use) is(commands ...string) bool {
	return slices.Contains(commands, cmp.Or(strings.TrimSpace(u.with["command"]), "auto"))
}

// promotes reports whether the step's command is promote, or may be.
func (u use) promotes() bool { return strings.Contains(u.with["command"], "promote") }

// runsOn reports whether the workflow runs on a type of the event.
func (u use) runsOn(event, kind string) bool {
	_, ok := u.events()[event]
	return ok && slices.Contains(u.types(event), kind)
}

// preview reports whether the step deploys pull requests' own environments.
func (u use) preview() bool {
	_, ok := u.events()["pull_request"]
	return ok && u.is("auto", "deploy") && strings.TrimSpace(u.with["environment"]) == "" && u.runsOn("pull_request", "synchronize")
}

// builds reports whether the step may build an image from what is checked out.
func (u use) builds() bool {
	return (u.is("auto", "deploy") && u.deploys() || u.promotes()) && u.with["image"] == "" && u.with["image-archive"] == ""
}

// deploys reports whether one of the workflow's events can start a deployment. A scheduled sweep needs no
// checkout.
func (u use) deploys() bool {
	if u.is("deploy") {
		return true
	}
	for event := range u.events() {
		switch event {
		case "pull_request", "pull_request_target":
			if slices.ContainsFunc(u.types(event), func(t string) bool { return t != "closed" && t != "unlabeled" }) {
				return true
			}
		case "push", "workflow_dispatch", "repository_dispatch", "workflow_run":
			return true
		}
	}
	return false
}

// concurrency returns the job's group, else the workflow's, and whether a new run cancels one in
// progress.
func (u use) concurrency() (group string, cancels bool) {
	for _, node := range []yaml.Node{u.job.Concurrency, u.parsed.Concurrency} {
		var c struct {
			Group  string
			Cancel string `yaml:"cancel-in-progress"`
		}
		switch node.Kind {
		case yaml.ScalarNode:
			c.Group = node.Value
		case yaml.MappingNode:
			_ = node.Decode(&c)
		}
		cancels = cancels || c.Cancel == "true"
		group = cmp.Or(group, c.Group)
	}
	return group, cancels
}

func mistake(isFatal bool, fix, what string, args ...any) []Mistake {
	return []Mistake{{What: fmt.Sprintf(what, args...), Fix: fix, Fatal: isFatal}}
}
