package doctor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pr-stack/internal/report"
)

// AWS is the result of signing in.
type AWS struct {
	Problem *Problem // why the credentials cannot be used; nil if they can
	Lacks   Lack     // what Problem is about
	Caller  string   // ARN
	Account string
	Allowed []string // allowed-account-ids
	Region  string

	Token Token
}

// Lack is what signing in lacks.
type Lack string

// What signing in may lack.
const (
	Credentials Lack = "credentials"
	Region      Lack = "region"
	Account     Lack = "account"
)

// Token is GitHub's OIDC token of this job.
type Token struct {
	Asked   bool // whether one was requested: the job may get tokens
	Issuer  string
	Subject string
	Problem *Problem // why there is none
	Role    string   // that the job assumes with it; "" if it assumes none
}

func (a AWS) checks() (checks []report.Check) {
	switch {
	case a.Lacks == Credentials:
		checks = append(checks, missing(groupAWS, "credentials", a.Problem.Why, a.Problem.Fix))
	case a.Caller != "":
		checks = append(checks, ok(groupAWS, "credentials", a.Caller))
	}
	switch {
	case a.Lacks == Region:
		checks = append(checks, missing(groupAWS, "region", a.Problem.Why, a.Problem.Fix))
	case a.Region != "":
		checks = append(checks, ok(groupAWS, "region", a.Region))
	}
	switch {
	case a.Lacks == Account:
		checks = append(checks, missing(groupAWS, "account", a.Problem.Why, a.Problem.Fix))
	case a.Account != "" && slices.Contains(a.Allowed, a.Account):
		checks = append(checks, ok(groupAWS, "account", a.Account+", which is one of allowed-account-ids"))
	case a.Account != "":
		checks = append(checks, ok(groupAWS, "account", a.Account+"; allowed-account-ids is not set, so any account is allowed"))
	}
	if a.Token.Asked {
		checks = append(checks, a.Token.check(a.Problem))
	}
	return checks
}

// check shows the token's subject, which no page of GitHub shows. That the trust policy allows it is proved
// only if the role was assumed.
func (t Token) check(signIn *Problem) report.Check {
	const name = "OIDC subject"
	switch {
	case t.Problem != nil:
		return unchecked(groupAWS, name, *t.Problem)
	case t.Role == "":
		return ok(groupAWS, name, t.Subject+" (no role is assumed with it)")
	case signIn != nil:
		return warning(groupAWS, name, t.Subject, fmt.Sprintf("the trust policy of %s must allow it, as the one below does", t.Role))
	}
	return ok(groupAWS, name, t.Subject+", which the trust policy of "+t.Role+" allows")
}

// TrustPolicy returns, in JSON, a trust policy by which jobs with such a token may assume the role, or "" if
// the token is not known. An Enterprise Server is an issuer of its own.
func TrustPolicy(roleARN string, t Token) string {
	if t.Subject == "" || t.Issuer == "" {
		return ""
	}
	issuer := strings.TrimPrefix(t.Issuer, "https://")
	partition, account := "aws", "ACCOUNT"
	if parts := strings.Split(roleARN, ":"); len(parts) == 6 {
		partition, account = parts[1], parts[4]
	}
	policy := map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Effect":    "Allow",
			"Principal": map[string]any{"Federated": fmt.Sprintf("arn:%s:iam::%s:oidc-provider/%s", partition, account, issuer)},
			"Action":    "sts:AssumeRoleWithWebIdentity",
			"Condition": map[string]any{"StringEquals": map[string]any{issuer + ":aud": "sts.amazonaws.com", issuer + ":sub": t.Subject}},
		}},
	}
	text, _ := json.MarshalIndent(policy, "", "  ") // texts can always be marshaled
	return string(text)
}
