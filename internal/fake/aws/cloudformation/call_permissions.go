package cloudformation

import (
	"net/url"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// CallPermissions returns the permissions that the API's operations need before anything happens to a
// resource. Some operations need several actions: the reference's table "API operations to IAM
// actions" maps DescribeStacks also to ListStacks, CreateStack also to TagResource, and UpdateStack
// also to TagResource and UntagResource.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
func (c *Engine) CallPermissions() permission.Table {
	onStack := func(action string) func(url.Values) []account.Access {
		return func(form url.Values) []account.Access {
			return []account.Access{c.onStack(action, form.Get("StackName"))}
		}
	}
	withRole := func(action string) func(url.Values) []account.Access {
		return func(form url.Values) []account.Access {
			return passing(form, c.onStack(action, form.Get("StackName")))
		}
	}
	return permission.Query(map[string]func(url.Values) []account.Access{
		"CreateStack":                 c.createNeeds,
		"UpdateStack":                 c.updateNeeds,
		"DeleteStack":                 withRole("DeleteStack"),
		"ContinueUpdateRollback":      withRole("ContinueUpdateRollback"),
		"RollbackStack":               withRole("RollbackStack"),
		"CancelUpdateStack":           onStack("CancelUpdateStack"),
		"UpdateTerminationProtection": onStack("UpdateTerminationProtection"),
		"SetStackPolicy":              onStack("SetStackPolicy"),
		"GetStackPolicy":              onStack("GetStackPolicy"),
		"DescribeStackEvents":         onStack("DescribeStackEvents"),
		"ListStackResources":          onStack("ListStackResources"),
		"GetTemplate":                 onStack("GetTemplate"),
		"DescribeStacks":              c.describeStacksNeeds,
		"DescribeEvents":              c.describeEventsNeeds,
		"GetTemplateSummary":          c.getTemplateSummaryNeeds,
		"CreateChangeSet":             c.createChangeSetNeeds,
		"DescribeChangeSet":           c.changeSetNeeds("DescribeChangeSet"),
		"ExecuteChangeSet":            c.changeSetNeeds("ExecuteChangeSet"),
		"DeleteChangeSet":             c.changeSetNeeds("DeleteChangeSet"),
		"ListChangeSets":              onStack("ListChangeSets"),
	})
}

// onStack returns an action on the stack of that name or ID, with its tags. If no stack has the name,
// it is evaluated as stack/NAME/*: "cloudformation:DescribeStacks on resource:
// arn:…:stack/PowerTunerInfraStack/*" (mattymoomoo/aws-power-tuner-ui#45).
func (c *Engine) onStack(action, nameOrID string) account.Access {
	a := account.Access{Action: "cloudformation:" + action, Resource: nameOrID}
	if s := c.stack(nameOrID); s != nil {
		a.Resource = s.id
		return a.WithResourceTags(s.settings.tags)
	}
	if !strings.HasPrefix(nameOrID, "arn:") {
		a.Resource = c.account.ARN("cloudformation", "stack/"+nameOrID+"/*")
	}
	return a
}

// onAllStacks returns an action on no particular stack, which is evaluated as stack/*/*:
// "cloudformation:ListStacks on resource: arn:…:stack/*/*" (jogold/cloudstructs#215).
func (c *Engine) onAllStacks(action string) account.Access {
	return account.Access{Action: "cloudformation:" + action, Resource: c.account.ARN("cloudformation", "stack/*/*")}
}

// passing changes the accesses of a call with a RoleARN: the first has the role in its context, and the
// caller must be allowed to pass the role to CloudFormation.
func passing(form url.Values, list ...account.Access) []account.Access {
	role := form.Get("RoleARN")
	if role == "" {
		return list
	}
	list[0] = list[0].With("cloudformation:RoleArn", role)
	return append(list, account.Access{Action: "iam:PassRole", Resource: role}.
		With("iam:PassedToService", "cloudformation.amazonaws.com"))
}

func (c *Engine) createNeeds(form url.Values) []account.Access {
	tags := wire.Pairs(form, "Tags", "Key", "Value")
	on := func(action string) account.Access {
		resource := c.account.ARN("cloudformation", "stack/"+form.Get("StackName")+"/*")
		return account.Access{Action: "cloudformation:" + action, Resource: resource}.WithRequestTags(tags)
	}
	list := []account.Access{withTemplate(form, on("CreateStack"))}
	if len(tags) > 0 {
		list = append(list, on("TagResource").With("cloudformation:CreateAction", "CreateStack"))
	}
	return passing(form, c.withPolicy(form, list)...)
}

func withTemplate(form url.Values, a account.Access) account.Access {
	if address := form.Get("TemplateURL"); address != "" {
		return a.With("cloudformation:TemplateUrl", address)
	}
	return a
}

// updateNeeds is also TagResource if the call gives tags, and UntagResource if it names tags, perhaps
// none, and leaves out one that the stack has.
func (c *Engine) updateNeeds(form url.Values) []account.Access {
	tags := wire.Pairs(form, "Tags", "Key", "Value")
	on := func(action string) account.Access { return c.onStack(action, form.Get("StackName")) }
	list := []account.Access{withTemplate(form, on("UpdateStack")).WithRequestTags(tags)}
	if len(tags) > 0 {
		list = append(list, on("TagResource").WithRequestTags(tags).With("cloudformation:CreateAction", "UpdateStack"))
	}
	var gone []string
	if s := c.stack(form.Get("StackName")); s != nil && asksForTags(form) {
		for key := range s.settings.tags {
			if _, kept := tags[key]; !kept {
				gone = append(gone, key)
			}
		}
	}
	if len(gone) > 0 {
		slices.Sort(gone)
		list = append(list, on("UntagResource").
			With("aws:TagKeys", strings.Join(gone, ",")).With("cloudformation:CreateAction", "UpdateStack"))
	}
	return passing(form, c.withPolicy(form, list)...)
}

// createChangeSetNeeds is also TagResource if the call gives tags.
func (c *Engine) createChangeSetNeeds(form url.Values) []account.Access {
	tags := wire.Pairs(form, "Tags", "Key", "Value")
	on := func(action string) account.Access {
		return c.onStack(action, form.Get("StackName")).WithRequestTags(tags).With("cloudformation:ChangeSetName", form.Get("ChangeSetName"))
	}
	list := []account.Access{withTemplate(form, on("CreateChangeSet"))}
	if len(tags) > 0 {
		list = append(list, on("TagResource").With("cloudformation:CreateAction", "CreateChangeSet"))
	}
	return passing(form, list...)
}

// changeSetNeeds returns an access to the stack of the change set, which a call may name by its ARN alone.
func (c *Engine) changeSetNeeds(action string) func(url.Values) []account.Access {
	return func(form url.Values) []account.Access {
		stack := form.Get("StackName")
		if set, err := c.changeSetOf(form); err == nil {
			stack = set.stack.id
		}
		return []account.Access{c.onStack(action, stack).With("cloudformation:ChangeSetName", form.Get("ChangeSetName"))}
	}
}

func (c *Engine) describeStacksNeeds(form url.Values) []account.Access {
	if name := form.Get("StackName"); name != "" {
		return []account.Access{c.onStack("DescribeStacks", name)}
	}
	return []account.Access{c.onAllStacks("DescribeStacks"), c.onAllStacks("ListStacks")}
}

// describeEventsNeeds returns an access to the stack that is named, or whose operation is.
func (c *Engine) describeEventsNeeds(form url.Values) []account.Access {
	if name := form.Get("StackName"); name != "" {
		return []account.Access{c.onStack("DescribeEvents", name)}
	}
	for _, s := range c.stacks {
		if slices.ContainsFunc(s.events, func(e stackEvent) bool { return e.operation == form.Get("OperationId") }) {
			return []account.Access{c.onStack("DescribeEvents", s.id)}
		}
	}
	return []account.Access{c.onAllStacks("DescribeEvents")}
}

// getTemplateSummaryNeeds returns an access to no resource if the call has a template.
func (c *Engine) getTemplateSummaryNeeds(form url.Values) []account.Access {
	if name := form.Get("StackName"); name != "" {
		return []account.Access{c.onStack("GetTemplateSummary", name)}
	}
	return []account.Access{withTemplate(form, account.Access{Action: "cloudformation:GetTemplateSummary", Resource: "*"})}
}
