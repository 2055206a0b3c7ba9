package diagnosis

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"pr-stack/internal/plain"
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
			if line = shorten(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines[max(0, len(lines)-maxLines):]
}

// printable returns a text in one line, without what must not be shown, and changes what the runner
// would read as a command.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' {
			return ' '
		}
		return r
	}, plain.Text(text))
	return strings.ReplaceAll(text, "##[", "# #[") // the runner accepts this command anywhere in a line
}

func shorten(line string) string {
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
