package report

import (
	"fmt"
	"net/url"
	"strings"
)

// short returns the first seven characters of a commit's SHA, which is what people read.
func short(commit string) string { return commit[:min(7, len(commit))] }

// commitLink returns the short commit, with a link if the repository's address is known.
func (r *Run) commitLink() string { return r.linkTo(r.Commit) }

// linkTo returns a short commit of the repository, with a link if the repository's address is known.
func (r *Run) linkTo(commit string) string {
	words := code(short(commit))
	if commit == "" || r.Repository == "" || !isLink(r.ServerURL) {
		return words
	}
	return "[" + words + "](<" + target(r.ServerURL+"/"+r.Repository+"/commit/"+commit) + ">)"
}

// pullLink returns a link to a pull request of the repository, or its number alone.
func (r *Run) pullLink(number int) string {
	words := fmt.Sprint("pull request ", number)
	if r.Repository == "" || !isLink(r.ServerURL) {
		return words
	}
	return link(words, fmt.Sprintf("%s/%s/pull/%d", r.ServerURL, r.Repository, number))
}

// logsURL returns the URL of the containers' log in the AWS console; "" if the stack does not name
// the log group in its output LogGroupName.
func logsURL(region string, s Stack) string {
	name := s.Outputs["LogGroupName"]
	if name == "" || region == "" || strings.Contains(name, "***") {
		return ""
	}
	// The console expects the name after the # to be escaped twice, with $ in place of %.
	escaped := strings.ReplaceAll(url.QueryEscape(url.QueryEscape(name)), "%", "$")
	return console(region) + "/cloudwatch/home?region=" + region + "#logsV2:log-groups/log-group/" + escaped
}

// stackURL returns the URL of the stack in the AWS console; "" if the account's number, which is in
// it, must not be shown.
func stackURL(region string, s Stack) string {
	if s.ID == "" || region == "" || strings.Contains(s.ID, "***") {
		return ""
	}
	path := "/cloudformation/home?region=" + region + "#/stacks/stackinfo?stackId="
	return console(region) + path + url.QueryEscape(s.ID)
}

// console returns the URL of a region's AWS console.
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
