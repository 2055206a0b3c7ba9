// Package sqs is SQS's queues as CloudFormation makes them. They hold no messages.
package sqs

import (
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
)

// Types returns queues. A queue can be used a minute after it is made, and is gone a minute after its
// deletion, which its handlers wait for.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
func Types(a *account.Account) map[string]cloudformation.Type {
	queue := cloudformation.Timed(a, 60*time.Second, 60*time.Second, func(r *cloudformation.Resource) {
		name := nameOf(a, r)
		r.PhysicalID = "https://sqs." + a.Region + ".amazonaws.com/" + a.ID + "/" + name
		r.Attributes["QueueName"], r.Attributes["QueueUrl"], r.Attributes["Arn"] = name, r.PhysicalID, a.ARN("sqs", name)
	})
	// createOnlyProperties of AWS's schema (pulumi-aws-native, aws-sqs-queue.json).
	queue.Replaces = cloudformation.AnyChanged("QueueName", "FifoQueue")
	queue.Taggable, queue.Retag = true, 2*time.Second // not recorded
	queue.Permissions = permissions(a)
	return map[string]cloudformation.Type{"AWS::SQS::Queue": queue}
}

func nameOf(a *account.Account, r *cloudformation.Resource) string {
	if name := property.Text(r.Properties["QueueName"]); name != "" {
		return name
	}
	return r.GeneratedName(a, 80)
}

// permissions are the actions of AWS's resource schema (pulumi-aws-native, aws-sqs-queue.json,
// handlers.*.permissions).
func permissions(a *account.Account) cloudformation.Permissions {
	arn := func(r *cloudformation.Resource) string { return a.ARN("sqs", nameOf(a, r)) }
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(arn, actions...) }
	read := on("sqs:GetQueueAttributes", "sqs:ListQueueTags")
	return cloudformation.Permissions{
		ARN:    arn,
		Create: on("sqs:CreateQueue").WithTags(),
		Made:   on("sqs:GetQueueUrl"),
		Read:   read,
		Update: cloudformation.All(read, on("sqs:SetQueueAttributes").IfChanged()),
		Delete: on("sqs:DeleteQueue", "sqs:GetQueueAttributes"),
		Tag:    on("sqs:TagQueue").WithTags(),
		Untag:  on("sqs:UntagQueue"),
		Refuse: cloudformation.RefuseAs(a, "Sqs", 403),
	}
}
