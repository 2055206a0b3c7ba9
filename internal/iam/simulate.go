package iam

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// ErrNotFound means that there is no such user or role.
var ErrNotFound = errors.New("it does not exist")

// Key is a condition key of the requests, with its values.
type Key struct {
	Name   string
	Values []string
	List   bool // it may have several values
}

// Question asks about each of the actions on each of the resources; without resources, on any.
type Question struct {
	Actions, Resources []string
	Context            []Key
}

// Answer is what IAM's simulator says about one action on one resource.
type Answer struct {
	Action   string
	Allowed  bool
	Explicit bool // a statement denies it; otherwise none allows it
	Boundary bool // the permissions boundary does not allow it
	// Organization means that the organization's policies do not allow it. The simulator also says so
	// where they do: https://github.com/aws-containers/amazon-ecs-exec-checker/issues/70
	Organization bool
}

// Simulate asks IAM's simulator what the policies of a user or a role allow.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
func Simulate(ctx context.Context, api *iam.Client, arn string, q Question) (answers []Answer, err error) {
	input := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &arn, ActionNames: q.Actions, ResourceArns: q.Resources}
	for _, key := range q.Context {
		kind := types.ContextKeyTypeEnumString
		if key.List {
			kind = types.ContextKeyTypeEnumStringList
		}
		input.ContextEntries = append(input.ContextEntries, types.ContextEntry{
			ContextKeyName: aws.String(key.Name), ContextKeyValues: key.Values, ContextKeyType: kind,
		})
	}
	for {
		page, err := api.SimulatePrincipalPolicy(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("simulate the policies of %s: %w", arn, translate(err))
		}
		for _, result := range page.EvaluationResults {
			answers = append(answers, read(result))
		}
		if !page.IsTruncated {
			return answers, nil
		}
		input.Marker = page.Marker
	}
}

func read(r types.EvaluationResult) Answer {
	a := Answer{
		Action:   aws.ToString(r.EvalActionName),
		Allowed:  r.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed,
		Explicit: r.EvalDecision == types.PolicyEvaluationDecisionTypeExplicitDeny,
	}
	if detail := r.PermissionsBoundaryDecisionDetail; detail != nil {
		a.Boundary = !detail.AllowedByPermissionsBoundary
	}
	if detail := r.OrganizationsDecisionDetail; detail != nil {
		a.Organization = !detail.AllowedByOrganizations
	}
	return a
}

// Role is a role: its ARN, which has the path that the ARN of a session lacks, and its trust policy in
// JSON.
type Role struct{ ARN, Trust string }

// ReadRole returns a role by its name.
func ReadRole(ctx context.Context, api *iam.Client, name string) (Role, error) {
	answer, err := api.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return Role{}, fmt.Errorf("read role %s: %w", name, translate(err))
	}
	trust, err := url.QueryUnescape(aws.ToString(answer.Role.AssumeRolePolicyDocument))
	if err != nil {
		return Role{}, fmt.Errorf("read the trust policy of role %s: %w", name, err)
	}
	return Role{ARN: aws.ToString(answer.Role.Arn), Trust: trust}, nil
}

func translate(err error) error {
	if missing := (*types.NoSuchEntityException)(nil); errors.As(err, &missing) {
		return ErrNotFound
	}
	return err
}
