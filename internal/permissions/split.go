package permissions

import "slices"

// maxManaged is how many characters a managed policy may have; white space does not count.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const maxManaged = 6_144

// Split returns policies that together say the same, each short enough for a managed policy. A role may
// have ten of those.
func (p Policy) Split() (parts []Policy) {
	part := Policy{Version: p.Version}
	for _, s := range p.Statement {
		longer := Policy{Version: p.Version, Statement: append(slices.Clip(part.Statement), s)}
		if len(part.Statement) > 0 && longer.Size() > maxManaged {
			parts = append(parts, part)
			longer = Policy{Version: p.Version, Statement: []Statement{s}}
		}
		part = longer
	}
	return append(parts, part)
}
