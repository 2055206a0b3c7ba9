package report

import (
	"fmt"
	"slices"
	"strings"
)

// Doctor is the result of doctor.
type Doctor struct {
	Run
	Checks []Check
	Trust  string // a trust policy that fits this job, in JSON; "" if its token's subject is not known
}

// Check is one thing that a deployment needs, and whether it is there.
type Check struct {
	Group string // what it is about: AWS, Workflows
	Name  string // of the thing
	Found Finding
	Text  string // what was found, in a sentence's middle
	Fix   string // what to change; "" if nothing has to be
}

// Finding is how a check ended.
type Finding string

// The findings. Warning means that a deployment works, though not as it should, or that the thing could
// not be checked.
const (
	CheckOK      Finding = "ok"
	CheckWarning Finding = "warning"
	CheckMissing Finding = "missing"
)

// Line returns a check as one line of the log.
func (c Check) Line() string {
	line := fmt.Sprintf("%-7s  %s: %s", c.Found, c.Name, c.Text)
	if c.Fix != "" {
		line += " -> " + c.Fix
	}
	return line
}

// TrustNote says what the trust policy is for.
const TrustNote = "Trust policy that fits this job's token, for the role that it assumes"

// Groups yields the checks by their groups, in the order of the first of each.
func (d *Doctor) Groups(yield func(group string, checks []Check) bool) {
	var names []string
	for _, c := range d.Checks {
		if !slices.Contains(names, c.Group) {
			names = append(names, c.Group)
		}
	}
	for _, name := range names {
		in := slices.DeleteFunc(slices.Clone(d.Checks), func(c Check) bool { return c.Group != name })
		if !yield(name, in) {
			return
		}
	}
}

func (d *Doctor) count(state Finding) (n int) {
	for _, c := range d.Checks {
		if c.Found == state {
			n++
		}
	}
	return n
}

// line says what was found, and no more: what was not checked may still fail.
func (d *Doctor) line() string {
	found := "Nothing that was checked keeps a deployment from working"
	if n := d.count(CheckMissing); n > 0 {
		found = fmt.Sprintf("A deployment would fail: %d missing", n)
	}
	warnings := "1 warning"
	if n := d.count(CheckWarning); n != 1 {
		warnings = fmt.Sprintf("%d warnings", n)
	}
	return fmt.Sprintf("%s (%d ok, %s)", found, d.count(CheckOK), warnings)
}

func (d *Doctor) head() string {
	mark := "✅"
	if d.count(CheckMissing) > 0 {
		mark = "❌"
	}
	return d.headed(mark, d.line())
}

// failures returns what is missing.
func (d *Doctor) failures() (list []Failure) {
	for _, c := range d.Checks {
		if c.Found == CheckMissing {
			list = append(list, Failure{Message: c.Name + ": " + c.Text, Hint: c.Fix})
		}
	}
	return list
}

var checkMarks = map[Finding]string{CheckOK: "✅", CheckWarning: "⚠️", CheckMissing: "❌"}

// table writes the checks as tables, one a group.
func (d *Doctor) table(b *strings.Builder) {
	for group, checks := range d.Groups {
		fmt.Fprintf(b, "\n#### %s\n\n| | what | found | fix |\n|:-:|:--|:--|:--|\n", text(group))
		for _, c := range checks {
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", checkMarks[c.Found], text(c.Name), text(c.Text), text(c.Fix))
		}
	}
	if d.Trust != "" {
		fold(b, TrustNote, "\n"+block(d.Trust))
	}
}

func (d *Doctor) redacted(clean func(string) string) *Doctor {
	c := *d
	c.Run, c.Checks, c.Trust = d.Run.redacted(clean), slices.Clone(d.Checks), clean(d.Trust)
	for i, check := range c.Checks {
		c.Checks[i].Text, c.Checks[i].Fix, c.Checks[i].Name = clean(check.Text), clean(check.Fix), clean(check.Name)
	}
	return &c
}
