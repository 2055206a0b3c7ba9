package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

func row(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "| %s | %s |\n", name, value)
	}
}

// text makes a string stand for itself in a line or a table's cell.
func text(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return markup.Replace(s)
}

var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "#", `\#`, "~", `\~`, "@", "@\u200b",
	"<", "&lt;", ">", "&gt;", "&", "&amp;",
)

// code shows a name as code, or nothing for an empty one. Names hold no backtick; one that does loses it.
func code(s string) string {
	if s == "" {
		return ""
	}
	s = strings.Join(strings.Fields(s), " ")
	return "`" + strings.NewReplacer("`", "'", "|", `\|`).Replace(s) + "`"
}

// block shows a text line by line, whatever is in it: the fence is longer than any in the text.
func block(s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fmt.Sprintf("%stext\n%s\n%s\n", fence, strings.TrimRight(s, "\n"), fence)
}

func link(words, target string) string {
	if !strings.HasPrefix(target, "http://") && !strings.HasPrefix(target, "https://") {
		return code(target)
	}
	return fmt.Sprintf("[%s](<%s>)", text(words), strings.NewReplacer("<", "%3C", ">", "%3E", "\n", "", "\r", "", "|", "%7C").Replace(target))
}

// truncate cuts a text to at most size bytes, at a rune, and says that it did.
func truncate(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return s[:size] + "\n… (cut)"
}

// column is where a block's lines are broken: GitHub does not break them, and what is to the right of the page is not read.
const column = 100

// wrap breaks long lines between words. Quoted lines, which begin with a bar, stay as they are.
func wrap(s string) string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		for !strings.HasPrefix(line, "  | ") && utf8.RuneCountInString(line) > column {
			at := strings.LastIndex(string([]rune(line)[:column]), " ")
			if at <= len("  ") {
				break // one word
			}
			lines, line = append(lines, line[:at]), "  "+line[at+1:]
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
