package identity

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

func (i *Identity) getRole(form url.Values) (any, error) {
	type described struct{ Path, RoleName, RoleId, Arn, AssumeRolePolicyDocument string }
	r := i.byName(form.Get("RoleName"))
	if r == nil {
		return nil, i.noSuchEntity(form.Get("RoleName"))
	}
	path := strings.TrimSuffix(r.arn[strings.Index(r.arn, ":role")+len(":role"):], r.name)
	return struct{ Role described }{described{path, r.name, r.id, r.arn, url.PathEscape(r.trustText)}}, nil
}

func (i *Identity) noSuchEntity(name string) error {
	return &wire.APIError{Status: 404, Code: "NoSuchEntity", Message: noRole(name).Error()}
}

type simulated struct {
	EvalActionName, EvalResourceName, EvalDecision string
}

// simulatePrincipalPolicy answers for a role, with a result for each action on each resource. The
// administrator has no role here, and may do everything.
//
// A service's own key for tags, such as ec2:ResourceTag/KEY, has no effect; aws:ResourceTag/KEY has:
// https://github.com/aws/aws-sdk-java/issues/2280
func (i *Identity) simulatePrincipalPolicy(form url.Values) (any, error) {
	arn := form.Get("PolicySourceArn")
	administrator := "arn:aws:iam::" + i.account.ID + ":role/pr-stack"
	if i.roles[arn] == nil && arn != administrator {
		return nil, i.noSuchEntity(arn[strings.LastIndex(arn, "/")+1:])
	}
	context := map[string]string{}
	for n := 1; form.Has(fmt.Sprintf("ContextEntries.member.%d.ContextKeyName", n)); n++ {
		entry := fmt.Sprintf("ContextEntries.member.%d.", n)
		key := form.Get(entry + "ContextKeyName")
		if strings.Contains(key, ":ResourceTag/") && !strings.HasPrefix(key, "aws:") {
			continue
		}
		context[key] = strings.Join(wire.Members(form, entry+"ContextKeyValues"), ",")
	}
	resources := wire.Members(form, "ResourceArns")
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	var all []simulated
	for _, action := range wire.Members(form, "ActionNames") {
		for _, resource := range resources {
			decision := account.Allow
			if r := i.roles[arn]; r != nil {
				decision = r.evaluate(account.Access{Action: action, Resource: resource, Context: context})
			}
			all = append(all, simulated{action, resource, decisions[decision]})
		}
	}
	size, err := strconv.Atoi(form.Get("MaxItems"))
	if err != nil {
		size = 100
	}
	var answer struct {
		EvaluationResults []simulated `xml:"EvaluationResults>member"`
		IsTruncated       bool
		Marker            string `xml:",omitempty"`
	}
	answer.EvaluationResults, answer.Marker = wire.Page(all, form.Get("Marker"), i.account.PageSize(size))
	answer.IsTruncated = answer.Marker != ""
	return answer, nil
}

// decisions are in the words of PolicyEvaluationDecisionType.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
var decisions = map[account.Decision]string{
	account.Allow: "allowed", account.ExplicitDeny: "explicitDeny", account.ImplicitDeny: "implicitDeny",
}
