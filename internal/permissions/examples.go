package permissions

import (
	"maps"
	"slices"
	"strings"
)

// Example describes requests that a statement allows: each of its actions of one service, on each of the
// resources. A simulator of policies can be asked about them.
type Example struct {
	Statement string // its Sid
	Actions   []string
	Resources []string // ARNs without wildcards; empty if the statement is about any resource
	Context   []ContextKey
}

// ContextKey is a condition key of a request, with its values.
type ContextKey struct {
	Name   string
	Values []string
	List   bool // it may have several values
}

// Specific returns the condition keys that only one service knows. IAM's keys are not among them: they
// are about the simulator's own service.
func (e Example) Specific() (names []string) {
	for _, k := range e.Context {
		if !strings.HasPrefix(k.Name, "aws:") && !strings.HasPrefix(k.Name, "iam:") {
			names = append(names, k.Name)
		}
	}
	return names
}

// Examples returns examples for each statement that allows something.
func (p Policy) Examples() (list []Example) {
	for _, s := range p.Statement {
		if s.Effect != "Allow" {
			continue
		}
		for _, service := range services(s.Action) {
			of := func(action string) bool { return strings.HasPrefix(action, service+":") }
			list = append(list, Example{
				Statement: s.Sid,
				Actions:   slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return !of(a) }),
				Resources: exampleResources(service, s.Resource),
				Context:   s.Condition.example(),
			})
		}
	}
	return list
}

// services returns the services of actions, each once.
func services(actions []string) (list []string) {
	for _, action := range actions {
		service, _, _ := strings.Cut(action, ":")
		if !slices.Contains(list, service) {
			list = append(list, service)
		}
	}
	return list
}

// exampleResources returns a resource of the service for each pattern. A statement may have actions and
// resources of several services.
func exampleResources(service string, patterns []string) (list []string) {
	if slices.Contains(patterns, "*") {
		return nil
	}
	for _, pattern := range patterns {
		if parts := strings.SplitN(pattern, ":", 4); len(parts) == 4 && parts[2] == service {
			list = append(list, inARN.Replace(pattern))
		}
	}
	return list
}

// inARN makes an example of a pattern. A star within the kind of a resource stands for several kinds.
var inARN = strings.NewReplacer(":*/app/*", ":loadbalancer/app/1/1", ":service*/", ":service/", "*", "1")

// example returns the keys and values of a request that fulfils the condition. Operators by which a
// value must differ, or be absent, need none.
func (c Condition) example() (keys []ContextKey) {
	for _, name := range slices.Sorted(maps.Keys(c)) {
		set, operator, ok := strings.Cut(name, ":")
		if !ok {
			set, operator = "", name
		}
		operator = strings.TrimSuffix(operator, "IfExists")
		if !slices.Contains([]string{"StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool"}, operator) {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(c[name])) {
			value := strings.ReplaceAll(strings.TrimPrefix(c[name][key][0], "*"), "*", "1")
			keys = append(keys, ContextKey{Name: key, Values: []string{value}, List: set != ""})
		}
	}
	return keys
}
