package aws

import (
	"fmt"
	"time"
)

// ec2Store is how many network interfaces each security group still has whose owner is gone, by the group's ID. Of one
// whose owner is there nothing is kept: CloudFormation deletes the owner first.
type ec2Store struct {
	interfaces map[string]int
}

// linger keeps an interface in security groups for a while after its owner went.
func (a *AWS) linger(groups []string) {
	if a.opts.Linger == 0 {
		return
	}
	if a.ec2.interfaces == nil {
		a.ec2.interfaces = map[string]int{}
	}
	for _, id := range groups {
		a.ec2.interfaces[id]++
		a.after(a.opts.Linger, func() { a.ec2.interfaces[id]-- })
	}
}

const (
	groupRetry    = 5 * time.Second
	groupPatience = 15 * time.Minute // CloudFormation's, recorded as 941 s (aws-cdk#10777)
)

// deleteSecurityGroup tries again and again, unseen, while interfaces are left in the group.
func deleteSecurityGroup(a *AWS, r *resource, done func(error)) {
	tries := int(groupPatience / groupRetry)
	var try func()
	try = func() {
		switch {
		case a.ec2.interfaces[r.PhysicalID] == 0:
			done(nil)
		case tries == 0:
			// The text is aws-cdk#10777's, its tail the newer handlers'.
			done(awsText(fmt.Sprintf("resource %s has a dependent object (Service: Ec2, Status Code: 400, Request ID: %s)", r.PhysicalID, a.uuid())))
		default:
			tries--
			a.after(groupRetry, try)
		}
	}
	a.after(2*time.Second, try)
}
