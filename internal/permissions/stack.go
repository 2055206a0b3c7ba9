package permissions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

type object = map[string]any

// The stack's names for things.
const (
	providerID        = "Provider"
	boundaryParameter = "PermissionsBoundary"
	boundaryCondition = "HasBoundary"
)

// MaxTemplate is how many bytes of a template CloudFormation takes with a call.
const MaxTemplate = 51_200

// Stack returns the template of a stack that has the roles with their policies, and GitHub's provider
// unless the account has one. It may have more than MaxTemplate bytes, if the service has a long name and the
// base stack offers all that it can. The stack's outputs PreviewRoleArn, SweepRoleArn and ProductionRoleArn are
// the roles.
func Stack(b Base, trust Trust) (string, error) {
	roles, err := Roles(b)
	if err != nil {
		return "", err
	}
	resources, outputs := object{}, object{
		"Repository": output("Repository whose jobs may assume the roles", trust.Repositories[0]),
		"Branch":     output("Its default branch", trust.Branch),
	}
	if len(trust.Repositories) > 1 {
		outputs["RepositoryWithIds"] = output("The same in the subject of its jobs' tokens, with IDs", trust.Repositories[1])
	}
	if trust.Provider == "" {
		resources[providerID] = object{
			// Other stacks of the account may come to use it.
			"Type": "AWS::IAM::OIDCProvider", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
			"Properties": object{"Url": "https://" + trust.Host, "ClientIdList": []string{Audience}},
		}
	}
	for _, role := range roles {
		name := title(role.Name) + "Role"
		properties := object{
			"Description":              "Of " + role.For + " on " + strings.Split(b.StackID, "/")[1],
			"AssumeRolePolicyDocument": trust.policy(role.Name),
			"PermissionsBoundary":      object{"Fn::If": []any{boundaryCondition, object{"Ref": boundaryParameter}, object{"Ref": "AWS::NoValue"}}},
		}
		role.attach(properties, resources)
		resources[name] = object{"Type": "AWS::IAM::Role", "Properties": properties}
		outputs[RoleOutput(role.Name)] = output("Role of "+role.For, object{"Fn::GetAtt": []string{name, "Arn"}})
	}
	return write(object{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              "pr-stack: the roles of jobs of " + trust.Repositories[0],
		"Parameters": object{
			boundaryParameter: object{
				"Type": "String", "Default": "", "Description": "ARN of the managed policy that bounds what the roles may do; empty for none",
			},
			EnvironmentParameter: object{
				"Type": "String", "Default": "false", "AllowedValues": []string{"true", "false"},
				"Description": "Whether jobs with GitHub's environment production may assume the role of production, whatever branch they are of",
			},
		},
		"Conditions": object{
			boundaryCondition:    object{"Fn::Not": []any{object{"Fn::Equals": []any{object{"Ref": boundaryParameter}, ""}}}},
			environmentCondition: object{"Fn::Equals": []any{object{"Ref": EnvironmentParameter}, "true"}},
		},
		"Resources": resources,
		"Outputs":   outputs,
	})
}

// RoleOutput returns the name of the stack's output that is the ARN of a role.
func RoleOutput(role string) string { return title(role) + "RoleArn" }

// attach gives a role its policy: inline or, if it is too long for that, as managed ones.
func (r Role) attach(properties, resources object) {
	if r.Policy.Size() <= MaxSize {
		properties["Policies"] = []object{{"PolicyName": r.Name, "PolicyDocument": r.Policy}}
		return
	}
	var attached []object
	for i, part := range r.Policy.Split() {
		id := fmt.Sprintf("%sPolicy%d", title(r.Name), i+1)
		resources[id] = object{"Type": "AWS::IAM::ManagedPolicy", "Properties": object{"PolicyDocument": part}}
		attached = append(attached, object{"Ref": id})
	}
	properties["ManagedPolicyArns"] = attached
}

func output(description string, value any) object {
	return object{"Description": description, "Value": value}
}

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// write writes a template so that a person can read it, or without blanks if it is too long for that.
func write(template object) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(template)
	if err == nil && b.Len() > MaxTemplate {
		b.Reset()
		encoder.SetIndent("", "")
		err = encoder.Encode(template)
	}
	return b.String(), err
}
