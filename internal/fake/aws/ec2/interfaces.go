// Package ec2 is as much of EC2 as templates need: networks in which nothing flows.
package ec2

import (
	"fmt"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// EC2 counts, by security group, the network interfaces whose owner is deleted, or is not in the
// group's stack. Others are not counted: CloudFormation deletes the owner before the group.
type EC2 struct {
	account    *account.Account
	delay      time.Duration
	interfaces map[string]int
	networks   map[string]string // IDs of the networks that security groups are in
	exists     map[string]bool   // by ID
}

// New returns an EC2 in which network interfaces remain for that long after their owner is deleted.
func New(a *account.Account, delay time.Duration) *EC2 {
	return &EC2{account: a, delay: delay, interfaces: map[string]int{}, networks: map[string]string{}, exists: map[string]bool{}}
}

// Linger keeps an interface in security groups for a while after its owner is deleted.
func (e *EC2) Linger(groups []string) {
	if e.delay == 0 {
		return
	}
	for _, id := range groups {
		e.interfaces[id]++
		e.account.After(e.delay, func() { e.interfaces[id]-- })
	}
}

// Hold keeps an interface in security groups until release is called. It is for an owner that
// CloudFormation does not know, and so does not delete before the group.
func (e *EC2) Hold(groups []string) (release func()) {
	for _, id := range groups {
		e.interfaces[id]++
	}
	return func() {
		for _, id := range groups {
			e.interfaces[id]--
		}
	}
}

const (
	groupRetry   = 5 * time.Second
	groupTimeout = 15 * time.Minute // CloudFormation's, recorded as 941 s (aws-cdk#10777)
)

// deleteSecurityGroup retries, without an event, while interfaces are left in the group.
func (e *EC2) deleteSecurityGroup(r *cloudformation.Resource, done func(error)) {
	tries := int(groupTimeout / groupRetry)
	var try func()
	try = func() {
		switch {
		case e.interfaces[r.PhysicalID] == 0:
			done(nil)
		case tries == 0:
			// The text is from aws-cdk#10777, its ending from the newer handlers.
			done(wire.Reason(fmt.Sprintf("resource %s has a dependent object (Service: Ec2, Status Code: 400, Request ID: %s)",
				r.PhysicalID, e.account.UUID())))
		default:
			tries--
			e.account.After(groupRetry, try)
		}
	}
	e.account.After(2*time.Second, try)
}
