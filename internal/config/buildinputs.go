package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"path/filepath"
	"runtime"
	"slices"

	"pr-stack/internal/git"
	"pr-stack/internal/policy"
)

// builds returns which commit a build in this run is of, and makes it the trigger's commit. Outside
// GitHub it is that of GITHUB_SHA: a laptop's folder may have changes that are in no commit.
func (l *loader) builds(verb policy.Verb) policy.Built {
	if verb != policy.Deploy || l.request().Source != policy.Build || !l.onGitHub() {
		return policy.Built{Commit: l.trigger.Commit}
	}
	built, refusal := l.trigger.Builds(policy.Checkout{Commit: l.checkedOut(), SHA: l.environ["GITHUB_SHA"]})
	if refusal != nil {
		l.refuse(refusal)
		return built
	}
	l.trigger.Commit = built.Commit
	return built
}

// checkedOut returns the commit that is checked out in the folder to build, or "" if it is not known.
// Errors about the folder are reported when the inputs of the build are read.
func (l *loader) checkedOut() string {
	root, err := filepath.EvalSymlinks(l.workspace())
	if err != nil {
		return ""
	}
	context := l.text("context")
	if !filepath.IsAbs(context) {
		context = filepath.Join(root, context)
	}
	if context, err = filepath.EvalSymlinks(context); err != nil || !within(root, context) {
		return ""
	}
	return git.Head(root, context)
}

// buildInputs returns the digest of what a build is made from, and the commit that is checked out. Both
// are "" if the build's commit is not known.
func (l *loader) buildInputs(b Build, built policy.Built) (digest, builtCommit string) {
	root, err := filepath.EvalSymlinks(l.workspace())
	if !built.Known || err != nil {
		return "", ""
	}
	checkedOut := l.checkedOut()
	return inputsOf(b, root, checkedOut, runtime.GOARCH), checkedOut
}

// inputsOf returns a digest of what an image's content depends on: what is checked out, which on
// pull_request is a merge that changes with the base; the options of the build, with paths relative to
// the workspace; and the architecture, for which an image is built if no platform is named. It does
// not depend on caches. The values of secrets are left out: whoever may read the stack could try
// values until the digest is the same.
func inputsOf(b Build, workspace, checkedOut, architecture string) string {
	relative := func(path string) string {
		path, err := filepath.Rel(workspace, path)
		if err != nil {
			return ""
		}
		return filepath.ToSlash(path)
	}
	inputs := struct {
		CheckedOut, Context, File, Target, Provenance, Architecture string
		Platforms, Secrets                                          []string
		Args                                                        map[string]string
	}{
		checkedOut, relative(b.Context), relative(b.File), b.Target, b.Provenance, architecture,
		b.Platforms, slices.Sorted(maps.Keys(b.Secrets)),
		b.Args,
	}
	text, err := json.Marshal(inputs) // which writes a map in the order of its keys
	if err != nil {
		return "" // strings can always be written
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}
