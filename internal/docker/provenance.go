package docker

import (
	"fmt"
	"strconv"
	"strings"
)

// provenance returns BuildKit's attribute for what the user asked for, and whether that is anything.
func (b Build) provenance() (attribute string, wanted bool) {
	if b.Provenance == "" {
		return "", false
	}
	if on, err := strconv.ParseBool(b.Provenance); err == nil {
		return "", on
	}
	return b.Provenance, true
}

// checkProvenance refuses what BuildKit would pass over: it ignores a word that is no KEY=VALUE.
func (b Build) checkProvenance() error {
	attribute, _ := b.provenance()
	for field := range strings.SplitSeq(attribute, ",") {
		if attribute != "" && !strings.Contains(field, "=") {
			return refused("provenance", fmt.Sprintf("%q is not KEY=VALUE", field), "write true, false, mode=min or mode=max")
		}
	}
	return nil
}
