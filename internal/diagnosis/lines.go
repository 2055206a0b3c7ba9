package diagnosis

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxLines  = 10
	maxColumn = 300
)

// Lines returns the last maxLines lines, safe to show. Their author may be malicious, so Lines removes
// escape sequences, control and invisible characters, truncates long lines, and changes what the
// runner would read as a command.
func Lines(written []string) []string {
	var lines []string
	for _, text := range written {
		for line := range strings.SplitSeq(text, "\n") {
			if line = plain(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines[max(0, len(lines)-maxLines):]
}

// escape is an escape sequence of a terminal: a colour, a title, a cursor movement.
var escape = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])`)

// printable removes what must not be shown from a text, and changes what the runner would read as a
// command.
func printable(text string) string {
	text = escape.ReplaceAllString(strings.ToValidUTF8(text, "\uFFFD"), "")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\r' || r == '\n':
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1 // some invisible characters reverse the order of letters
		}
		return r
	}, text)
	return strings.ReplaceAll(text, "##[", "# #[") // the runner accepts this command anywhere in a line
}

func plain(line string) string {
	line = strings.TrimRight(printable(line), " ")
	if utf8.RuneCountInString(line) > maxColumn {
		line = string([]rune(line)[:maxColumn]) + " …"
	}
	return line
}

var (
	aboutPort = regexp.MustCompile(`(?i)listen|serv|running|start|ready|port|http`)
	port      = regexp.MustCompile(`(?i)(?:^|[\s"'(\[/=])(?:\d{1,3}(?:\.\d{1,3}){3}|localhost|\[[0-9a-f:]*\]|\*)?:(\d{2,5})\b|\bport["']?\s*[:=]?\s*(\d{2,5})\b`)
)

// ports returns the ports in the lines of a log that seem to be about listening, in the log's order.
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

// wrapping matches the text that CloudFormation's handlers, and the SDKs in them, put around a reason.
var wrapping = regexp.MustCompile(`(?s)^Resource handler returned message: "(.*?)" \(RequestToken: [^)]*\)$`)

var tail = regexp.MustCompile(`\s*\((?:Service|RequestToken): [^()]*(?:\([^()]*\)[^()]*)*\)(?: \(SDK [^)]*\))?`)

var (
	// innerWrapping is the same text around the reason of a handler that another handler passes on.
	innerWrapping = regexp.MustCompile(`Resource handler returned message: "([^"]*)"`)
	// encoded is a text of many lines that only AWS can decode (sts:DecodeAuthorizationMessage).
	encoded = regexp.MustCompile(`\s*Encoded authorization failure message: [\w-]+`)
)

// unwrap removes what the AWS services put around a reason: request IDs and status codes are of no
// use to a reader.
func unwrap(reason string) string {
	reason = strings.TrimSpace(reason)
	if inner := wrapping.FindStringSubmatch(reason); inner != nil {
		reason = inner[1]
	}
	reason = innerWrapping.ReplaceAllString(tail.ReplaceAllString(reason, ""), "$1")
	reason = encoded.ReplaceAllString(reason, "")
	return strings.TrimRight(strings.Join(strings.Fields(reason), " "), ". ")
}
