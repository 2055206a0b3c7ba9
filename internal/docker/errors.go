package docker

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/solver/errdefs"
)

// hinted is an error that knows what its reader can change.
type hinted struct {
	message string
	hint    string
	cause   error // may be nil
}

func (e *hinted) Error() string { return e.message }
func (e *hinted) Hint() string  { return e.hint }
func (e *hinted) Unwrap() error { return e.cause }

func refused(option, why, hint string) error {
	return &hinted{message: fmt.Sprintf("build: %s: %s", option, why), hint: hint}
}

// What BuildKit puts around the reason; the words differ between its versions.
var (
	wrapping = regexp.MustCompile(`^(failed to solve: |failed to solve with frontend \S+: |failed to create LLB definition: |` +
		`rpc error: code = \w+ desc = |failed to compute cache key: |failed to calculate checksum of ref \S+ |` +
		`failed to push \S+: |(\S+: )?failed to resolve source metadata for \S+: |failed to do request: |failed to authorize: )`)
	ofRun = regexp.MustCompile(`(?s)^(executor failed running \[.*\]|process ".*" did not complete successfully): `)
)

func unwrapped(err error) string {
	why := err.Error()
	for wrapping.MatchString(why) {
		why = wrapping.ReplaceAllString(why, "")
	}
	return strings.Replace(why, " not found: not found", " not found", 1)
}

// explain words BuildKit's error: the line of the Dockerfile or at least the step that it is about, and why.
func (b Build) explain(err error, log *progress) error {
	if strings.Contains(err.Error(), "failed to push ") {
		return b.explainPush(err, log)
	}
	what, why := "build: ", unwrapped(err)
	if line, text, ok := instruction(err); ok {
		what += fmt.Sprintf("%s:%d: %s: ", filepath.Base(b.File), line, shorten(log.hide(text)))
		why = ofRun.ReplaceAllString(why, "")
	} else if log.failed != "" { // older daemons do not tell the line
		what += strings.TrimPrefix(log.failed, "[internal] ") + ": "
		why = ofRun.ReplaceAllString(why, "")
	}
	return &hinted{message: log.hide(what + why), hint: b.hint(err.Error()), cause: err}
}

// explainPush words why the image did not get into its registry.
func (b Build) explainPush(err error, log *progress) error {
	why, hint := unwrapped(err), ""
	for _, word := range []string{"no basic auth credentials", "authoriz", "denied", "401", "403"} {
		if strings.Contains(why, word) {
			hint = "the credentials of this job must allow it to push there"
		}
	}
	return &hinted{message: fmt.Sprintf("push %s: %s", b.Tag, log.hide(why)), hint: hint, cause: err}
}

// instruction returns the line of the Dockerfile that an error is about.
func instruction(err error) (line int, text string, ok bool) {
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

// hint names what to change, where BuildKit's own words leave that open.
func (b Build) hint(text string) string {
	has := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case has("target stage"), has("failed to reach build target"):
		return fmt.Sprintf("set target to one of the stages of %s (FROM … AS name)", b.File)
	case has("cache key") && has("not found"):
		return fmt.Sprintf("paths are looked up in context %s, and .dockerignore may leave them out", b.Context)
	case has("toomanyrequests"):
		return "Docker Hub limits anonymous pulls; take the base image from public.ecr.aws/docker/library instead"
	case has("pull access denied"), has("authorization failed"), has("401 Unauthorized"):
		return "a base image must be public or in the registry that is pushed to: logins of other steps are not seen here"
	case has("exec format error"), has("runtime execution on platform"):
		return "RUN needs an emulator for a foreign platform (docker/setup-qemu-action), or cross-compile from --platform=$BUILDPLATFORM"
	}
	return ""
}
