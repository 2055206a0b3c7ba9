package config

import (
	"cmp"
	"os"
	"path/filepath"

	"pr-stack/internal/policy"
)

// template returns where the service stack's template is.
func (l *loader) template(image Image) Template {
	const then = "write fargate, lambda, or the path of a template in the repository"
	name := l.text("template")
	source := policy.Build
	if image != nil {
		source = image.source()
	}
	switch {
	case name == "fargate":
		return Template{Name: name}
	case name == "lambda":
		l.checkFunctionImage(image)
		return Template{Name: name}
	case l.trigger.TemplateFromBase(source):
		return l.templateFromBase(name)
	}
	return Template{Path: l.file("template", name, then)}
}

// checkFunctionImage: Lambda refuses an index, so also an image for several platforms or with attestations.
// https://docs.aws.amazon.com/lambda/latest/dg/images-create.html, https://github.com/aws/aws-lambda-roadmap/issues/82
func (l *loader) checkFunctionImage(image Image) {
	build, ok := image.(Build)
	if !ok {
		return
	}
	if build.Provenance != "" {
		l.addf("provenance", "leave it out", "Lambda refuses an image with attestations")
	}
	if len(build.Platforms) > 1 {
		l.addf("platforms", "name the one that the parameter CpuArchitecture says", "Lambda refuses an image for several platforms")
	}
}

// templateFromBase returns the template as GitHub has it at GITHUB_SHA: the file on disk may have
// come with the artifact. Links are not followed, since the artifact may have brought those as
// well.
func (l *loader) templateFromBase(path string) Template {
	const why = "the image's artifact may have replaced the template, which must be read from GitHub, but "
	ref, pull, workspace := l.environ["GITHUB_SHA"], l.trigger.PullRequest, l.workspace()
	relative := filepath.Clean(path)
	if filepath.IsAbs(path) {
		var err error
		if relative, err = filepath.Rel(workspace, path); err != nil {
			relative = ".."
		}
	}
	switch {
	case !filepath.IsLocal(relative):
		l.addf("template", "give a path inside the repository", "%s is outside the workspace", quote(path))
	case !l.onGitHub() || !isSHA(ref): // on a laptop GITHUB_SHA is what is checked out, which may be the fork's
		l.addf("template", "run this as a job on GitHub, or set template to fargate",
			"%sthe repository's own commit is not known", why)
	case pull != nil && pull.Head == ref:
		l.addf("template", "run this on workflow_run, as README.md shows, or set template to fargate",
			"%sthe event is for the pull request's own commit", why)
	case !l.canAsk():
		l.addf("template", "set github-token, or set template to fargate", "%sthere is no token", why)
	default:
		return Template{Path: filepath.ToSlash(relative), Ref: ref}
	}
	return Template{}
}

func (l *loader) workspace() string { return cmp.Or(l.environ["GITHUB_WORKSPACE"], l.dir) }

// file returns the absolute path of a file, or "" if there is a problem, which is reported.
func (l *loader) file(input, path, then string) string {
	real, info := l.resolve(input, path, then)
	if info != nil && !info.Mode().IsRegular() {
		l.addf(input, then, "%s is not a file", quote(path))
		return ""
	}
	return real
}

// folder returns the absolute path of a folder, or "" if there is a problem, which is reported.
func (l *loader) folder(input, path, then string) string {
	real, info := l.resolve(input, path, then)
	if info != nil && !info.IsDir() {
		l.addf(input, then, "%s is not a folder", quote(path))
		return ""
	}
	return real
}

// resolve makes a path in the workspace absolute, with its links resolved. On GitHub it must not lead
// out of the workspace, since the container sees nothing else of the host; on a laptop it may lead
// anywhere.
func (l *loader) resolve(input, path, then string) (real string, info os.FileInfo) {
	workspace, absolute := l.workspace(), path
	if !filepath.IsAbs(path) {
		absolute = filepath.Join(workspace, path)
	}
	real, err := filepath.EvalSymlinks(absolute)
	if l.onGitHub() {
		root, rootErr := filepath.EvalSymlinks(workspace)
		if rootErr != nil {
			l.addf("GITHUB_WORKSPACE", "", "%s: %s", quote(workspace), reason(rootErr))
			return "", nil
		}
		if !within(workspace, absolute) && !within(root, absolute) || err == nil && !within(root, real) {
			l.addf(input, "give a path inside the repository", "%s is outside the workspace", quote(path))
			return "", nil
		}
	}
	if err == nil {
		info, err = os.Stat(real)
	}
	if err != nil {
		l.addf(input, then, "%s: %s", quote(path), reason(err))
		return "", nil
	}
	return real, info
}

func within(root, path string) bool {
	relative, err := filepath.Rel(root, path)
	return err == nil && filepath.IsLocal(relative)
}
