package report

import (
	"net/url"
	"strings"
)

// short is as much of a commit's SHA as people read.
func short(commit string) string { return commit[:min(7, len(commit))] }

// commitLink returns the short commit, with a link if it is known where the repository is.
func (r *Run) commitLink() string {
	words := code(short(r.Commit))
	if r.Commit == "" || r.Repository == "" || !isLink(r.ServerURL) {
		return words
	}
	return "[" + words + "](<" + target(r.ServerURL+"/"+r.Repository+"/commit/"+r.Commit) + ">)"
}

// logsURL returns where the containers' log is in the AWS console, if the stack says it: in the
// output LogGroupName.
func logsURL(region string, s Stack) string {
	name := s.Outputs["LogGroupName"]
	if name == "" || region == "" {
		return ""
	}
	// The console reads the name behind the # and escapes it once more, with $ for %.
	escaped := strings.ReplaceAll(url.QueryEscape(url.QueryEscape(name)), "%", "$")
	return console(region) + "/cloudwatch/home?region=" + region + "#logsV2:log-groups/log-group/" + escaped
}

// stackURL returns where the stack is in the AWS console.
func stackURL(region string, s Stack) string {
	if s.ID == "" || region == "" {
		return ""
	}
	path := "/cloudformation/home?region=" + region + "#/stacks/stackinfo?stackId="
	return console(region) + path + url.QueryEscape(s.ID)
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
