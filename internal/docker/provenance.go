package docker

import (
	"fmt"
	"strconv"
	"strings"
)

// provenance returns BuildKit's attribute for the option's value, and reports whether provenance is
// wanted at all.
func (b Build) provenance() (attribute string, wanted bool) {
	if b.Provenance == "" {
		return "", false
	}
	if on, err := strconv.ParseBool(b.Provenance); err == nil {
		return "", on
	}
	return b.Provenance, true
}

// checkProvenance returns an error for a word that is not KEY=VALUE, because BuildKit would ignore
// it.
func (b Build) checkProvenance() error {
	attribute, _ := b.provenance()
	for field := range strings.SplitSeq(attribute, ",") {
		if attribute != "" && !strings.Contains(field, "=") {
			return invalid("provenance", fmt.Sprintf("%q is not KEY=VALUE", field),
				"write true, false, mode=min or mode=max")
		}
	}
	return nil
}
