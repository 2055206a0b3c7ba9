package report

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// MaxSummary is the most that GitHub takes as one step's summary, in bytes; it drops a longer one whole.
const MaxSummary = 1 << 20

// Summary renders the job summary in GitHub's Markdown, within MaxSummary whatever is in the result.
func Summary(r Result) string {
	const forTheCut = 20 // bytes that truncate adds
	return truncate(summary(r), MaxSummary-forTheCut)
}

func summary(r Result) string {
	var b strings.Builder
	story(&b, r, MaxSummary/4)
	if r.Status == Skipped {
		return b.String()
	}
	if r.Command == "sweep" {
		swept(&b, r)
		return b.String()
	}
	facts(&b, r)
	if len(r.Phases) > 0 {
		b.WriteString("| Phase | Took | |\n|---|--:|---|\n")
		for _, p := range r.Phases {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", text(p.Name), Duration(p.Took), text(p.Note))
		}
		fmt.Fprintf(&b, "| **Together** | **%s** | |\n", Duration(r.took()))
	}
	if chart := gantt(r.Bars); chart != "" {
		fmt.Fprintf(&b, "\nWhere the time went; what was waited for is red:\n\n%s", chart)
	}
	return b.String()
}

// story is what came of it, and why.
func story(b *strings.Builder, r Result, most int) {
	fmt.Fprintf(b, "### %s\n\n", headline(r))
	if r.Failure != nil {
		// What failed may quote anybody, a container's log among others: it is shown as it is, and marks up nothing.
		fmt.Fprintf(b, "%s\n", block(wrap(truncate(r.Failure.Message, most))))
		if r.Failure.Hint != "" {
			fmt.Fprintf(b, "**Hint:** %s\n\n", text(r.Failure.Hint))
		}
	}
	if r.Status == Skipped {
		fmt.Fprintf(b, "%s\n", text(r.Reason))
	}
}

// swept is a table of the environments that a sweep looked at.
func swept(b *strings.Builder, r Result) {
	if len(r.Swept) == 0 {
		b.WriteString("There is no environment of a pull request.\n")
		return
	}
	b.WriteString("| Environment | Last deployed | USD a day | |\n|---|--:|--:|---|\n")
	for i, s := range r.Swept {
		if b.Len() > MaxSummary/2 {
			fmt.Fprintf(b, "\n… and %d more\n", len(r.Swept)-i)
			return
		}
		fmt.Fprintf(b, "| %s | %s ago | %s | %s: %s |\n", text(s.Environment), Age(s.Age), s.Daily, s.Outcome, text(s.Why))
	}
	if r.Price != "" {
		fmt.Fprintf(b, "\nWhat is left costs about %s.\n", text(r.Price))
	}
}

// facts is a table of what there is.
func facts(b *strings.Builder, r Result) {
	if r.Command == "bootstrap" {
		fmt.Fprintf(b, "| Service | %s |\n|:--|:--|\n", text(r.Environment.Service))
	} else {
		fmt.Fprintf(b, "| Environment | %s |\n|:--|:--|\n", text(r.Environment.Name))
	}
	if r.URL != "" {
		fmt.Fprintf(b, "| URL | %s |\n", link(r.URL, r.URL))
	}
	row(b, "Commit", code(r.Commit))
	row(b, "Image", code(r.Image))
	if r.StackName != "" {
		fmt.Fprintf(b, "| Stack | %s |\n", stack(r))
	}
	row(b, "Log", logGroup(r))
	if r.Age >= time.Minute {
		row(b, "Age", Age(r.Age))
	}
	if r.Price != "" {
		row(b, "Price", "about "+text(r.Price))
	}
	b.WriteString("\n")
}

// Line says in plain text what came of a command that went well.
func Line(r Result) string {
	what := r.Environment.Service + " " + r.Environment.Name
	switch {
	case r.Command == "bootstrap":
		return fmt.Sprintf("Base stack %s: %s.", r.StackName, r.Status)
	case r.Command == "sweep":
		return fmt.Sprintf("%s.", sweepLine(r))
	case r.Status == Absent:
		return fmt.Sprintf("%s: there was nothing to delete.", what)
	case r.Status == Deleted:
		return fmt.Sprintf("%s is gone, after %s.", what, Duration(r.took()))
	case r.URL == "":
		return fmt.Sprintf("%s is up (%s), after %s.", what, r.Status, Duration(r.took()))
	}
	return fmt.Sprintf("%s is up (%s), after %s: %s", what, r.Status, Duration(r.took()), r.URL)
}

// sweepLine counts what a sweep did.
func sweepLine(r Result) string {
	count := map[Outcome]int{}
	for _, s := range r.Swept {
		count[s.Outcome]++
	}
	parts := []string{fmt.Sprintf("%d deleted", count[Removed]), fmt.Sprintf("%d left", count[Left])}
	if count[WouldGo] > 0 {
		parts[0] = fmt.Sprintf("%d would be deleted", count[WouldGo])
	}
	if count[NotGone] > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be deleted", count[NotGone]))
	}
	return fmt.Sprintf("Environments of %s: %s", r.Environment.Service, strings.Join(parts, ", "))
}

func (r Result) took() (total time.Duration) {
	for _, p := range r.Phases {
		total += p.Took
	}
	return total
}

// headline is the one line that a reader in a hurry reads.
func headline(r Result) string {
	what := fmt.Sprintf("%s %s", text(r.Environment.Service), text(r.Environment.Name))
	if r.Command == "bootstrap" {
		what = "Base stack of " + text(r.Environment.Service)
	}
	if r.Command == "sweep" {
		mark := "✅"
		if r.Failure != nil {
			mark = "❌"
		}
		return fmt.Sprintf("%s %s", mark, text(sweepLine(r)))
	}
	switch {
	case r.Interrupted:
		return fmt.Sprintf("❌ %s: %s was interrupted", what, r.Command)
	case r.Failure != nil:
		return fmt.Sprintf("❌ %s: %s failed", what, r.Command)
	case r.Status == Skipped:
		return "⏭️ Nothing to do"
	case r.Status == Absent:
		return fmt.Sprintf("✅ %s: there was nothing to delete", what)
	case r.Status == Deleted:
		return fmt.Sprintf("✅ %s is gone", what)
	case r.Command == "bootstrap":
		return fmt.Sprintf("✅ %s: %s", what, r.Status)
	}
	return fmt.Sprintf("✅ %s is up (%s)", what, r.Status)
}

// logGroup links to the containers' log in the AWS console, if the stack tells where it is: in the output LogGroupName.
func logGroup(r Result) string {
	name := r.StackOutputs["LogGroupName"]
	if name == "" || r.Region == "" {
		return ""
	}
	// The console reads the name behind the # and escapes it once more, with $ for %.
	escaped := strings.ReplaceAll(url.QueryEscape(url.QueryEscape(name)), "%", "$")
	return link(name, console(r.Region)+"/cloudwatch/home?region="+r.Region+"#logsV2:log-groups/log-group/"+escaped)
}

// stack links to the stack in the AWS console, where the link says what nothing else here does.
func stack(r Result) string {
	if r.StackID == "" || r.Region == "" {
		return code(r.StackName)
	}
	return link(r.StackName, console(r.Region)+"/cloudformation/home?region="+r.Region+"#/stacks/stackinfo?stackId="+url.QueryEscape(r.StackID))
}

// console is where the AWS console of a region is.
func console(region string) string {
	host := "console.aws.amazon.com"
	switch {
	case strings.HasPrefix(region, "us-gov-"):
		host = "console.amazonaws-us-gov.com"
	case strings.HasPrefix(region, "cn-"):
		host = "console.amazonaws.cn"
	}
	return "https://" + region + "." + host
}
