package cloudformation

import (
	"strings"
	"time"
)

// Failure is a resource that does not do what CloudFormation asks of it.
type Failure struct {
	Operation string        // CREATE, UPDATE or DELETE
	Reason    string        // the event's ResourceStatusReason
	After     time.Duration // from the beginning of the operation on the resource
	Times     int           // how often; 0 means always
	Never     bool          // instead of failing, the operation never ends

	stack, logicalID string
	count            int // how often it has happened
}

// FailResource makes the resource of that logical ID fail, in every stack of that name from now on.
// A name that ends in * means every stack whose name begins so, because the names of nested stacks
// end in random characters.
func (c *Engine) FailResource(stackName, logicalID string, f Failure) {
	c.account.Lock()
	defer c.account.Unlock()
	c.account.Advance() // the failure does not affect the past
	f.stack, f.logicalID = stackName, logicalID
	c.failures = append(c.failures, &f)
}

// Heal removes all failures, hooks and validations. It is called with the account's lock held.
func (c *Engine) Heal() { c.failures, c.hooks, c.validations = nil, nil, nil }

// failure returns how an operation on a resource is to fail, or nil.
func (c *Engine) failure(stackName, logicalID, operation string) *Failure {
	for _, f := range c.failures {
		if f.applies(stackName) && f.logicalID == logicalID && f.Operation == operation && (f.Times == 0 || f.count < f.Times) {
			f.count++
			return f
		}
	}
	return nil
}

func (f *Failure) applies(stackName string) bool {
	prefix, isPrefix := strings.CutSuffix(f.stack, "*")
	return f.stack == stackName || isPrefix && strings.HasPrefix(stackName, prefix)
}
