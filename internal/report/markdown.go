package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

func row(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "| %s | %s |\n", name, value)
	}
}

// paragraph writes one, with the blank line that parts it from what is before it.
func paragraph(b *strings.Builder, s string) {
	if s != "" {
		b.WriteString("\n" + s + "\n")
	}
}

// fold writes a part that a reader can unfold.
func fold(b *strings.Builder, words, inner string) {
	fmt.Fprintf(b, "\n<details><summary>%s</summary>\n%s\n</details>\n", words, inner)
}

// text makes a string stand for itself in a line or a table's cell.
func text(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return markup.Replace(s)
}

var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "#", `\#`, "~", `\~`, "@", "@\u200b",
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "$", `\$`,
)

// code shows a name as code, or nothing for an empty one. Names hold no backtick; one that does loses
// it.
func code(s string) string {
	if s == "" {
		return ""
	}
	s = strings.Join(strings.Fields(s), " ")
	return "`" + strings.NewReplacer("`", "'", "|", `\|`).Replace(s) + "`"
}

func bold(s string) string { return "**" + s + "**" }

// block shows a text line by line, whatever is in it: the fence is longer than any in the text, and
// control characters, such as those of colours, are left out.
func block(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fmt.Sprintf("%stext\n%s\n%s\n", fence, strings.TrimRight(s, "\n"), fence)
}

func isLink(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// link links words to a URL. Where the URL is none, the words stand alone.
func link(words, url string) string {
	if !isLink(url) {
		return text(words)
	}
	return fmt.Sprintf("[%s](<%s>)", text(words), target(url))
}

// target makes a URL one that ends where it should.
func target(url string) string {
	return strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "", "\r", "", "|", "%7C").Replace(url)
}

// sentence returns a message as a sentence: with a capital at its start and a full stop at its end.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if !strings.HasSuffix(s, "…") && !strings.ContainsAny(s[len(s)-1:], ".!?:") {
		s += "."
	}
	return upperFirst(s)
}

// truncate shortens a text to at most size bytes, at a rune, and says that it did.
func truncate(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return s[:size] + "\n… (cut)"
}

// wrap breaks lines at a column, between words where it can. GitHub does not break them, and what
// is to the right of the page is not read.
func wrap(s string, column int) string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if len(indent) > column/2 {
			indent = ""
		}
		for utf8.RuneCountInString(line) > column {
			head := string([]rune(line)[:column])
			rest := line[len(head):]
			if at := strings.LastIndex(head, " "); at > len(indent) && at > column/2 && !strings.HasPrefix(rest, " ") {
				head, rest = head[:at], line[at:]
			} else if at := strings.LastIndexAny(head, "/:,;=&?"); at > column/2 {
				head, rest = head[:at+1], line[at+1:]
			}
			lines, line = append(lines, head), indent+"  "+strings.TrimLeft(rest, " ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
