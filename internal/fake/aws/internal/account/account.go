// Package account is what the services of one fake account share: its identity, its lock, its clock
// and the IDs that it gives.
package account

import (
	"sync"
	"time"
)

// Account is one AWS account in one region. What the services hold is read and changed with its
// lock held.
type Account struct {
	sync.Mutex

	ID     string  // twelve digits
	Region string  // such as eu-north-1
	Scale  float64 // every duration is multiplied by it
	Pages  int     // the most entries on one page of any listing; 0 means AWS's own page sizes

	// Caller makes the request that is being answered; nil is an administrator. Effects that happen
	// later keep the Caller of the call that scheduled them, if they need it.
	Caller *Principal
	// ServiceRole returns the session of a role that a service, such as cloudformation.amazonaws.com,
	// may assume. It returns an error in AWS's words if there is no such role, or if its trust policy
	// does not name the service. Nil: the account has no roles.
	ServiceRole func(arn, service string) (*Principal, error)
	// SessionEnd returns when a principal's session ends; zero: never. Nil: no session ends.
	SessionEnd func(*Principal) time.Time
	// TagsOf returns the tags of a resource by its ARN. Nil: no tags are known.
	TagsOf func(arn string) map[string]string

	now      time.Time
	schedule schedule
	serial   int             // the last number that made an ID
	linked   map[string]bool // the services that have their service-linked role
}

// Now is the time at which the current effect or request takes place.
func (a *Account) Now() time.Time { return a.now }

// PageSize returns the most entries on one page of a listing whose pages have that many on AWS.
func (a *Account) PageSize(standard int) int {
	if a.Pages > 0 {
		return min(standard, a.Pages)
	}
	return standard
}
