package ssm

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// Types returns parameters.
func (s *Store) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{"AWS::SSM::Parameter": {
		Create: func(r *cloudformation.Resource, done func(error)) {
			name := s.nameOf(r)
			if _, exists := s.current(name); exists {
				s.account.After(time.Second, func() { done(fmt.Errorf("%s already exists", name)) })
				return
			}
			r.PhysicalID = name
			s.set(r)
			s.account.After(2*time.Second, func() { done(nil) })
		},
		Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
			s.set(r)
			s.account.After(2*time.Second, func() { done(nil) })
		},
		Delete: func(r *cloudformation.Resource, done func(error)) {
			s.remove(r.PhysicalID)
			s.account.After(time.Second, func() { done(nil) })
		},
		Replaces:    cloudformation.AnyChanged("Name"), // createOnlyProperties of AWS's schema (pulumi-aws-native 43eed3b)
		Required:    []string{"Type", "Value"},
		Taggable:    true,
		Retag:       2 * time.Second, // not recorded
		Permissions: s.permissions(),
	}}
}

func (s *Store) set(r *cloudformation.Resource) {
	s.put(r.PhysicalID, entry{value: property.Text(r.Properties["Value"]), kind: property.Text(r.Properties["Type"])})
	r.Attributes["Value"], r.Attributes["Type"] = r.Properties["Value"], r.Properties["Type"]
}

// nameOf returns a parameter's name. A generated one begins with CFN-: STACK-LOGICALID-RANDOM follows.
func (s *Store) nameOf(r *cloudformation.Resource) string {
	if name := property.Text(r.Properties["Name"]); name != "" {
		return name
	}
	return "CFN-" + r.GeneratedName(s.account, 100)
}

// permissions are the actions of AWS's resource schema (handlers.*.permissions; pulumi-aws-native
// 43eed3b, 2026-08-07).
func (s *Store) permissions() cloudformation.Permissions {
	arn := func(r *cloudformation.Resource) string { return s.arn(s.nameOf(r)) }
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(arn, actions...) }
	return cloudformation.Permissions{
		ARN:    arn,
		Create: on("ssm:PutParameter").WithTags(),
		Read:   on("ssm:GetParameters", "ssm:ListTagsForResource"),
		Update: cloudformation.All(on("ssm:GetParameters"), on("ssm:PutParameter").IfChanged()),
		Delete: on("ssm:DeleteParameter"),
		Tag:    on("ssm:AddTagsToResource").WithTags(),
		Untag:  on("ssm:RemoveTagsFromResource"),
		Refuse: cloudformation.RefuseAs(s.account, "Ssm", 400),
	}
}

// arn returns a parameter's ARN. The slash that a name begins with is that after "parameter".
func (s *Store) arn(name string) string {
	return s.account.ARN("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
}
