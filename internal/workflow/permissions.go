package workflow

import "go.yaml.in/yaml/v3"

// granted is what the job's token may do.
type granted struct {
	stated bool // in the file; otherwise a setting of the repository decides
	all    string
	each   map[string]string
}

// permissions returns the permissions of a job: its own, else the workflow's. What is left out of a list
// is none.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions
func (u use) permissions() (g granted) {
	node := u.job.Permissions
	if node.IsZero() {
		node = u.parsed.Permissions
	}
	if node.IsZero() {
		return g
	}
	g.stated = true
	switch node.Kind {
	case yaml.ScalarNode:
		g.all = node.Value
	case yaml.MappingNode:
		_ = node.Decode(&g.each) // an invalid one grants nothing
	}
	return g
}

// may reports whether the token has the permission, or more.
func (g granted) may(permission, access string) bool {
	if g.all != "" {
		return g.all == "write-all" || g.all == "read-all" && access == "read"
	}
	has := g.each[permission]
	return has == "write" || has == "read" && access == "read"
}
