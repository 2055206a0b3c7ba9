package config

import (
	"path/filepath"
	"slices"
)

// stranger says whose code the event is about if it is nobody's who may push to the repository.
func (l *loader) stranger() string {
	deprived := slices.Contains([]string{"pull_request", "pull_request_review", "pull_request_review_comment"}, l.event.name)
	switch {
	case deprived && l.event.fork:
		return "a fork"
	case deprived && l.event.author == "dependabot[bot]":
		return "Dependabot"
	}
	return ""
}

// forkCode refuses what would hand the account to a stranger: pull_request_target and workflow_run run with the
// repository's credentials, whoever wrote the code. What an image from elsewhere holds runs in the environment alone,
// which has to be the pull request's own: a branch can be called main, and a name be made of what a stranger chose.
func (l *loader) forkCode(c *Config) {
	if c.AllowForks || c.Command != Deploy && c.Command != Destroy {
		return
	}
	built := l.text("image") != "" || l.text("image-archive") != ""
	switch {
	case c.Fork && c.Stranger == "" && c.PullRequest == 0 && c.Environment.Name != "":
		l.addf("environment", "leave it out, so that it is the pull request's own",
			"%s from a fork may not touch %s, which is not its pull request's", l.event.name, quote(c.Environment.Name))
	case c.Command == Destroy:
	case c.Fork && (l.event.name == "pull_request_target" || l.event.name == "workflow_run" && !built):
		l.addf("GITHUB_EVENT_NAME", "build on pull_request, which gives a fork's code no credentials, and deploy its image on workflow_run, as README.md shows; allow-forks: true does it all the same",
			"%s from a fork would build and run a stranger's code with this repository's credentials", l.event.name)
	case l.event.run.ofPullRequest() && !built:
		l.addf("GITHUB_EVENT_NAME", "deploy on pull_request, or give the image that the other workflow built in image-archive",
			"workflow_run checks out the default branch, and that would be built as if it were the pull request's code")
	}
}

// unpacked refuses a template that may have come with a stranger's image: whoever made the artifact chose its files.
func (l *loader) unpacked(c *Config) {
	if c.Fork && !c.AllowForks && c.ImageArchive != "" && c.Template.Path != "" && within(filepath.Dir(c.ImageArchive), c.Template.Path) {
		l.addf("image-archive", "have actions/download-artifact unpack it into a folder of its own (path: fork), and give fork/image.tar",
			"the fork's artifact was unpacked over the checkout, and may have replaced the template")
	}
}
