package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"pr-stack/internal/plain"
)

func row(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "| %s | %s |\n", name, value)
	}
}

// paragraph writes a paragraph after a blank line, which separates it from the text before.
func paragraph(b *strings.Builder, s string) {
	if s != "" {
		b.WriteString("\n" + s + "\n")
	}
}

// fold writes a part that a reader can unfold.
func fold(b *strings.Builder, words, inner string) {
	fmt.Fprintf(b, "\n<details><summary>%s</summary>\n%s\n</details>\n", words, inner)
}

// text escapes a string for a line or a table's cell, so that no part of it acts as markup.
func text(s string) string {
	s = strings.Join(strings.Fields(plain.Text(s)), " ")
	return markup.Replace(s)
}

var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "#", `\#`, "~", `\~`, "@", "@\u200b",
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "$", `\$`,
)

// code shows a name as code, or nothing for an empty one. A name should hold no backtick; if it
// does, ' replaces it.
func code(s string) string {
	if s == "" {
		return ""
	}
	s = strings.Join(strings.Fields(plain.Text(s)), " ")
	return "`" + strings.NewReplacer("`", "'", "|", `\|`).Replace(s) + "`"
}

func bold(s string) string { return "**" + s + "**" }

// block returns a fenced block that shows any text literally: the fence is longer than any fence in
// the text.
func block(s string) string {
	s = plain.Text(s)
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fmt.Sprintf("%stext\n%s\n%s\n", fence, strings.TrimRight(s, "\n"), fence)
}

// isLink reports whether a URL leads anywhere. One from which a secret was removed does not.
func isLink(s string) bool {
	return (strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")) && !strings.Contains(s, "***")
}

// link returns words that link to a URL; if the URL is not an HTTP one, it returns the words alone.
func link(words, url string) string {
	if !isLink(url) {
		return text(words)
	}
	return fmt.Sprintf("[%s](<%s>)", text(words), target(url))
}

// target escapes or drops characters that would end a URL, or the table's cell around it, too early.
func target(url string) string {
	return strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "", "|", "%7C").Replace(plain.Text(url))
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

// truncate cuts a text to at most size bytes, never inside a rune, and then adds a note about the
// cut.
func truncate(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return s[:size] + "\n… (cut)"
}

// wrap breaks lines at a column, between words where it can. GitHub does not break the lines of a
// block, and people do not read beyond the right edge of the page.
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
