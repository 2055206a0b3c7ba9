package account

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Serial returns a number that is larger than all before it.
func (a *Account) Serial() int {
	a.serial++
	return a.serial
}

// Unique returns an ID of that many hexadecimal digits that nothing else in the account has. The
// same history gives the same IDs.
func (a *Account) Unique(digits int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", a.ID, a.Serial()))
	return hex.EncodeToString(sum[:])[:digits]
}

// UUID returns a UUID that nothing else in the account has.
func (a *Account) UUID() string {
	s := a.Unique(32)
	return strings.Join([]string{s[:8], s[8:12], "4" + s[13:16], "8" + s[17:20], s[20:]}, "-")
}

// ARN returns the ARN of a resource in the account: arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE.
func (a *Account) ARN(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, a.Region, a.ID, resource)
}
