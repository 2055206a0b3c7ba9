package report

import (
	"fmt"
	"strings"

	"pr-stack/internal/price"
)

const priceSource = price.Source

// cost returns an estimate in words: about $1.20 a day.
func cost(e *price.Estimate) string {
	s := fmt.Sprintf("about $%.2f a day", e.Daily)
	if e.Daily < 0.005 {
		s = "less than $0.01 a day"
	}
	if len(e.Without) > 0 {
		s += ", not counting " + strings.Join(e.Without, ", ")
	}
	return s
}
