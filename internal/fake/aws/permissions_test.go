package aws

import (
	"strings"
	"testing"
)

// Each type says what its handlers need, and what takes tags says how they are set.
func TestTypes_name_their_permissions(t *testing.T) {
	for name, kind := range New(Options{}).stacks.Types() {
		if name == "AWS::CDK::Metadata" { // it has no handler
			continue
		}
		p := kind.Permissions
		if len(p.Create) == 0 || len(p.Read) == 0 || len(p.Delete) == 0 || p.Refuse == nil {
			t.Errorf("%s has no permissions to create, read or delete it, or no words for a denial", name)
		}
		if kind.Taggable != (len(p.Tag) > 0 && len(p.Untag) > 0 && p.ARN != nil) {
			t.Errorf("%s: taggable is %v, and its permissions disagree", name, kind.Taggable)
		}
		if kind.Taggable && kind.Retag == 0 && name != "AWS::CloudFormation::Stack" {
			t.Errorf("%s: a change of its tags takes no time", name)
		}
	}
}

func TestPermissions_have_the_resource_and_its_context(t *testing.T) {
	const account = "eu-north-1:123456789012:"
	withRights(t, func(r *rights) {
		r.create(tags("commit", "1")...)
		group, balancer, listener := r.physicalID("Group"), r.physicalID("Balancer"), r.physicalID("Listener")
		name := balancer[:strings.LastIndex(balancer, "/")]
		for _, want := range [][3]string{
			{"ec2:CreateSecurityGroup", "arn:aws:ec2:" + account + "security-group/*", "aws:RequestTag/commit=1"},
			{"ec2:CreateSecurityGroup", "arn:aws:ec2:" + account + "vpc/vpc-1", ""},
			{"ec2:CreateTags", "arn:aws:ec2:" + account + "security-group/*", "aws:RequestTag/team=own"},
			{"ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:" + account + "security-group/" + group, "aws:ResourceTag/commit=1"},
			{"ec2:DescribeSecurityGroups", "*", ""},
			{"elasticloadbalancing:CreateLoadBalancer", name + "/*", "aws:RequestTag/commit=1"},
			{"elasticloadbalancing:CreateListener", balancer, "aws:ResourceTag/commit=1"},
			{"elasticloadbalancing:AddTags", listener[:strings.LastIndex(listener, "/")] + "/*", ""},
			{"iam:CreateServiceLinkedRole", "arn:aws:iam::123456789012:role/aws-service-role/elasticloadbalancing.amazonaws.com/" +
				"AWSServiceRoleForElasticLoadBalancing", "iam:AWSServiceName=elasticloadbalancing.amazonaws.com"},
			{"iam:CreateServiceLinkedRole", "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", ""},
			{"logs:CreateLogGroup", "arn:aws:logs:" + account + "log-group:/x/logs:*", "aws:RequestTag/commit=1"},
			{"logs:PutRetentionPolicy", "arn:aws:logs:" + account + "log-group:/x/logs:*", "aws:ResourceTag/commit=1"},
			{"logs:TagResource", "arn:aws:logs:" + account + "log-group:/x/logs", "aws:RequestTag/commit=1"},
			{"ecs:RegisterTaskDefinition", "arn:aws:ecs:" + account + "task-definition/f:*", "aws:CalledVia=cloudformation.amazonaws.com"},
			{"iam:PassRole", "arn:aws:iam::123456789012:role/execution", "iam:PassedToService=ecs-tasks.amazonaws.com"},
			{"ecs:CreateService", r.physicalID("Service"), "aws:RequestTag/commit=1"},
			{"ecs:DescribeServices", r.physicalID("Service"), "aws:ResourceTag/commit=1"},
		} {
			r.wantAsked(want[0], want[1], want[2])
		}
		for _, a := range r.asked {
			if strings.HasPrefix(a.Action, "ecr:PutLifecyclePolicy") || strings.Contains(a.Action, "kms:") {
				r.Errorf("%s is for a property that no resource here has", a.Action)
			}
		}
	})
}

// What an update needs depends on what it changes.
func TestPermissions_of_an_update(t *testing.T) {
	retention := []string{"Parameters.member.1.ParameterKey", "Retention", "Parameters.member.1.ParameterValue", "3"}
	image := []string{"Parameters.member.1.ParameterKey", "Image", "Parameters.member.1.ParameterValue", "two"}
	for name, test := range map[string]struct {
		change  []string
		needs   string
		needsNo string
	}{
		"a property":    {retention, "logs:PutRetentionPolicy", "logs:TagResource logs:UntagResource ecs:UpdateService"},
		"an image":      {image, "ecs:RegisterTaskDefinition iam:PassRole ecs:UpdateService ecs:DeregisterTaskDefinition", "ecs:UntagResource ec2:DeleteTags ecs:StopServiceDeployment"},
		"a tag's value": {tags("commit", "2"), "ec2:CreateTags ec2:DeleteTags ecs:UntagResource ecs:ListTagsForResource logs:TagResource", "logs:UntagResource ecs:UpdateService logs:PutRetentionPolicy"},
		"one tag more":  {tags("commit", "1", "new", "x"), "ecs:TagResource ec2:CreateTags", "ec2:DeleteTags ecs:UntagResource"},
		"the tag goes":  {tags("new", "x"), "logs:UntagResource logs:TagResource", ""},
	} {
		t.Run(name, func(t *testing.T) {
			withRights(t, func(r *rights) {
				r.create(tags("commit", "1")...)
				r.asked = nil
				r.update(test.change...)
				r.wantEnd("UPDATE_COMPLETE")
				asked := map[string]bool{}
				for _, a := range r.asked {
					asked[a.Action] = true
				}
				for action := range strings.FieldsSeq(test.needs) {
					if !asked[action] {
						r.Errorf("%s was not checked", action)
					}
				}
				for action := range strings.FieldsSeq(test.needsNo) {
					if asked[action] {
						r.Errorf("%s was checked", action)
					}
				}
			})
		})
	}
}
