package environment

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"strings"
)

var notInLabels = regexp.MustCompile(`[^a-z0-9]+`)

// maxLabel is how long one part of a host name may be.
const maxLabel = 63

// Hostname returns the name by which the environment is reached below a domain. The part in front is
// the environment's name. If that is no valid label, it is a readable one with a part of a hash, so that
// two environments never have the same. Only names of pull requests' environments begin with pr-.
func (e Environment) Hostname(domain string) string {
	label := strings.Trim(notInLabels.ReplaceAllString(strings.ToLower(e.Name), "-"), "-")
	if e.PullRequest == 0 && strings.HasPrefix(label, "pr-") || label == "" {
		label = "x" + label
	}
	if label != e.Name || len(label) > maxLabel {
		sum := sha256.Sum256([]byte(e.Name))
		suffix := "-" + hex.EncodeToString(sum[:4])
		label = strings.TrimRight(label[:min(len(label), maxLabel-len(suffix))], "-") + suffix
	}
	return label + "." + domain
}

// The priorities of a listener's rules, counted from the first of a service: those of permanent
// environments, and above them those of pull requests.
const (
	permanentPriorities = 99
	maxPriority         = 50_000
	// detour is how far above its own number a pull request looks for a priority if that is taken. Next to
	// it are those of other pull requests, which may be opened at the same time.
	detour = 1000
)

// RulePriority returns the priority of the environment's rule on a listener that environments share,
// above first. It is the pull request's own number, so that two that are opened at the same moment do not
// meet. If it is taken, it is one that is free; ok is false if none is.
func (e Environment) RulePriority(first int, taken func(priority int) bool) (priority int, ok bool) {
	low, count := first+permanentPriorities+1, maxPriority-first-permanentPriorities
	offset, next := e.PullRequest%count, detour
	if e.PullRequest == 0 {
		sum := sha256.Sum256([]byte(e.Name))
		low, count, next = first+1, permanentPriorities, 1
		offset = int(binary.BigEndian.Uint16(sum[:])) % count
	}
	if !taken(low + offset) {
		return low + offset, true
	}
	for i := range count {
		if priority := low + (offset+next+i)%count; !taken(priority) {
			return priority, true
		}
	}
	return 0, false
}

// ProductionPriority returns the priority of the rule that leads production's requests to environments of pull
// requests: the first that is free above first, and so before every rule that is created later. Whoever may
// push a branch can add a rule for any host name, and of two for the same name the first counts.
func ProductionPriority(first int, taken func(priority int) bool) (priority int, ok bool) {
	for priority = first + 1; priority <= first+permanentPriorities; priority++ {
		if !taken(priority) {
			return priority, true
		}
	}
	return 0, false
}
