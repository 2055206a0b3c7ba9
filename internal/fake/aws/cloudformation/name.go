package cloudformation

import (
	"regexp"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
)

// GeneratedName returns the name that CloudFormation gives to a resource that has none:
// STACK-LOGICALID-RANDOM, shortened to a maximum length.
func (r *Resource) GeneratedName(a *account.Account, maxLength int) string {
	suffix := "-" + strings.ToUpper(a.Unique(12))
	return readableName(r.stack.name, r.LogicalID, maxLength-len(suffix)) + suffix
}

var hyphens = regexp.MustCompile(`-{2,}`)

// readableName joins the names of a stack and of a resource in it. If they are too long together, each
// gets half of the room, and what the shorter one leaves of it. Several hyphens in a row become one.
// https://github.com/aws-cloudformation/cloudformation-cli-java-plugin, IdentifierUtils
func readableName(stack, logicalID string, maxLength int) string {
	room := maxLength - len("-")
	if len(stack)+len(logicalID) > room {
		forStack := max(room-room/2, room-len(logicalID))
		stack = stack[:min(len(stack), forStack)]
		logicalID = logicalID[:min(len(logicalID), room-len(stack))]
	}
	return hyphens.ReplaceAllString(stack+"-"+logicalID, "-")
}
