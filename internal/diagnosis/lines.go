package diagnosis

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	mostLines  = 10
	mostColumn = 300
)

// Lines returns the last of some lines as they may be shown. Whoever wrote them may have meant harm: escape sequences,
// control and invisible characters are left out, long lines are cut, and none can be taken for a command of the runner.
func Lines(written []string) []string {
	var lines []string
	for _, text := range written {
		for line := range strings.SplitSeq(text, "\n") {
			if line = plain(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines[max(0, len(lines)-mostLines):]
}

// escape is an escape sequence of a terminal: a colour, a title, a cursor movement.
var escape = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])`)

// printable leaves out of a text what is not to be seen, and what the runner would take for a command.
func printable(text string) string {
	text = escape.ReplaceAllString(strings.ToValidUTF8(text, "\uFFFD"), "")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\r' || r == '\n':
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1 // among the invisible are those that turn the order of letters around
		}
		return r
	}, text)
	return strings.ReplaceAll(text, "##[", "# #[") // a command, wherever in a line it stands
}

func plain(line string) string {
	line = strings.TrimRight(printable(line), " ")
	if utf8.RuneCountInString(line) > mostColumn {
		line = string([]rune(line)[:mostColumn]) + " …"
	}
	return line
}

var (
	aboutPort = regexp.MustCompile(`(?i)listen|serv|running|start|ready|port|http`)
	port      = regexp.MustCompile(`(?i)(?:^|[\s"'(\[/=])(?:\d{1,3}(?:\.\d{1,3}){3}|localhost|\[[0-9a-f:]*\]|\*)?:(\d{2,5})\b|\bport["']?\s*[:=]?\s*(\d{2,5})\b`)
)

// ports are those that a log names where it speaks of listening, each once, in the order in which they come.
func ports(log []string) []string {
	var found []string
	for _, line := range Lines(log) {
		if !aboutPort.MatchString(line) {
			continue
		}
		for _, match := range port.FindAllStringSubmatch(line, -1) {
			found = append(found, match[1]+match[2])
		}
	}
	return found
}

// wrapping is what CloudFormation's handlers and the SDKs in them put around a reason.
var wrapping = regexp.MustCompile(`(?s)^Resource handler returned message: "(.*?)" \(RequestToken: [^)]*\)$`)

var tail = regexp.MustCompile(`\s*\((?:Service|RequestToken): [^()]*(?:\([^()]*\)[^()]*)*\)(?: \(SDK [^)]*\))?`)

// unwrap takes a reason out of what the AWS services pass it around in: request IDs and status codes help nobody who
// reads a log.
func unwrap(reason string) string {
	reason = strings.TrimSpace(reason)
	if inner := wrapping.FindStringSubmatch(reason); inner != nil {
		reason = inner[1]
	}
	reason = tail.ReplaceAllString(reason, "")
	return strings.TrimRight(strings.Join(strings.Fields(reason), " "), ". ")
}
