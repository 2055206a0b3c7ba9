package docker

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/solver/errdefs"

	"pr-stack/internal/hint"
)

// invalid returns the error for an option's value.
func invalid(option, why, advice string) error {
	return hint.New(advice, "build: %s: %s", option, why)
}

// The words that BuildKit puts before the reason of an error. They differ between BuildKit's versions.
var (
	prefixes = regexp.MustCompile(`^(failed to solve: |failed to solve with frontend \S+: |` +
		`failed to create LLB definition: |rpc error: code = \w+ desc = |failed to compute cache key: |` +
		`failed to calculate checksum of ref \S+ |failed to push \S+: |` +
		`(\S+: )?failed to resolve source metadata for \S+: |failed to do request: |failed to authorize: )`)
	commandPrefix = regexp.MustCompile(
		`(?s)^(executor failed running \[.*\]|process ".*" did not complete successfully): `)
)

// reasonOf returns the reason of BuildKit's error, without what the layers above it added.
func reasonOf(err error) string {
	why := err.Error()
	for prefixes.MatchString(why) {
		why = prefixes.ReplaceAllString(why, "")
	}
	return strings.Replace(why, " not found: not found", " not found", 1)
}

// explain returns BuildKit's error with the line of the Dockerfile that failed, or at least the step,
// and why.
func (b Build) explain(err error, tag string, log *progress) error {
	if strings.Contains(err.Error(), "failed to push ") {
		return explainPush(err, tag, log)
	}
	what, why := "build: ", reasonOf(err)
	if line, text, ok := dockerfileLine(err); ok {
		what += fmt.Sprintf("%s:%d: %s: ", filepath.Base(b.File), line, truncate(log.redact(text)))
		why = commandPrefix.ReplaceAllString(why, "")
	} else if log.failed != "" { // older daemons do not report the line
		what += strings.TrimPrefix(log.failed, "[internal] ") + ": "
		why = commandPrefix.ReplaceAllString(why, "")
	}
	return &hint.Error{Message: log.redact(what + why), Hint: b.hint(err.Error()), Cause: err}
}

// explainPush returns the error of a push with the tag, and why the registry did not accept the
// image.
func explainPush(err error, tag string, log *progress) error {
	why, advice := reasonOf(err), ""
	for _, word := range []string{"no basic auth credentials", "authoriz", "denied", "401", "403"} {
		if strings.Contains(why, word) {
			advice = "the credentials of this job must allow it to push there"
		}
	}
	return &hint.Error{Message: fmt.Sprintf("push %s: %s", tag, log.redact(why)), Hint: advice, Cause: err}
}

// dockerfileLine returns the line of the Dockerfile that an error is about.
func dockerfileLine(err error) (line int, text string, ok bool) {
	for _, source := range slices.Backward(errdefs.Sources(err)) {
		if source.Info == nil || len(source.Ranges) == 0 || source.Ranges[0].Start == nil {
			continue
		}
		lines := strings.Split(string(source.Info.Data), "\n")
		if line = int(source.Ranges[0].Start.Line); line >= 1 && line <= len(lines) {
			return line, lines[line-1], true
		}
	}
	return 0, "", false
}

// hint returns what to change, for errors whose own text does not say it.
func (b Build) hint(text string) string {
	has := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case has("target stage"), has("failed to reach build target"):
		return fmt.Sprintf("set target to one of the stages of %s (FROM … AS name)", b.File)
	case has("cache key") && has("not found"):
		return fmt.Sprintf("paths are looked up in context %s, and .dockerignore may exclude them", b.Context)
	case has("toomanyrequests"):
		return "Docker Hub limits anonymous pulls; use the base image from public.ecr.aws/docker/library instead"
	case has("pull access denied"), has("authorization failed"), has("401 Unauthorized"):
		return "a base image must be public or in the registry that is pushed to: " +
			"logins of other steps have no effect here"
	case has("exec format error"), has("runtime execution on platform"):
		return "RUN needs an emulator for a foreign platform (docker/setup-qemu-action), " +
			"or cross-compile from --platform=$BUILDPLATFORM"
	}
	return ""
}
