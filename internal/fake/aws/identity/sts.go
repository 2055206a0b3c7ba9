package identity

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"pr-stack/internal/fake/aws/iam"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Operations returns the API of STS.
func (i *Identity) Operations() wire.Operations {
	return wire.Operations{Query: map[string]wire.Query{
		"GetCallerIdentity":         i.getCallerIdentity,
		"AssumeRole":                i.assumeRole,
		"AssumeRoleWithWebIdentity": i.assumeRoleWithWebIdentity,
	}}
}

// CallPermissions returns the permissions that the API's operations need. GetCallerIdentity needs nothing:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
// The others check trust policies too, and so check everything themselves.
func (i *Identity) CallPermissions() permission.Table {
	return permission.Query(map[string]func(url.Values) []account.Access{
		"GetCallerIdentity":         permission.None[url.Values],
		"AssumeRole":                permission.None[url.Values],
		"AssumeRoleWithWebIdentity": permission.None[url.Values],
	})
}

func (i *Identity) getCallerIdentity(url.Values) (any, error) {
	answer := struct{ Account, Arn, UserId string }{
		Account: i.account.ID, Arn: i.administrator(), UserId: "AROAFAKE:GitHubActions",
	}
	if s := i.callers[i.account.Caller]; s != nil {
		answer.Arn, answer.UserId = s.principal.ARN, s.role.id+":"+s.name
	}
	return answer, nil
}

func (i *Identity) root() string { return "arn:aws:iam::" + i.account.ID + ":root" }

func (i *Identity) administrator() string {
	return "arn:aws:sts::" + i.account.ID + ":assumed-role/pr-stack/GitHubActions"
}

// assumeRole creates a session of a role for a caller of the same account. If the role's trust policy
// names the caller, that suffices; if it names the account, the caller's own policies must allow it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
func (i *Identity) assumeRole(form url.Values) (any, error) {
	arn := form.Get("RoleArn")
	if err := checkRequest(form); err != nil {
		return nil, err
	}
	caller := i.callers[i.account.Caller]
	names := []string{i.administrator()}
	identity := account.Allow
	a := account.Access{Action: "sts:AssumeRole", Resource: arn}.With("sts:RoleSessionName", form.Get("RoleSessionName"))
	if caller != nil {
		names = []string{caller.principal.ARN, caller.role.arn}
		identity = caller.role.evaluate(a)
	}
	allowed := false
	if r := i.roles[arn]; r != nil && identity != account.ExplicitDeny {
		named := r.trust.Evaluate(iam.AWS, names, a)
		general := r.trust.Evaluate(iam.AWS, []string{i.account.ID, i.root()}, a)
		allowed = named != account.ExplicitDeny && general != account.ExplicitDeny &&
			(named == account.Allow || general == account.Allow && identity == account.Allow)
	}
	if caller != nil {
		i.record(names[0], a, allowed)
	}
	if !allowed {
		return nil, &wire.APIError{Status: 403, Code: "AccessDenied", Message: fmt.Sprintf(
			"User: %s is not authorized to perform: sts:AssumeRole on resource: %s", names[0], arn)}
	}
	duration, err := i.duration(form, i.roles[arn])
	if err != nil {
		return nil, err
	}
	if caller != nil && duration > time.Hour {
		return nil, wire.Invalid(
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	}
	return describe(i.open(i.roles[arn], form.Get("RoleSessionName"), duration)), nil
}

var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

// checkRequest checks the parameters that both ways to assume a role share. Session policies are not
// implemented, and must not be ignored: they take rights away.
func checkRequest(form url.Values) error {
	if name := form.Get("RoleSessionName"); !sessionName.MatchString(name) {
		return unsatisfied("roleSessionName", name, `satisfy regular expression pattern: [\w+=,.@-]*`)
	}
	for _, name := range []string{"Policy", "PolicyArns.member.1.arn", "Tags.member.1.Key", "ExternalId", "SerialNumber"} {
		if form.Get(name) != "" {
			return wire.Invalid("the fake's STS does not know " + name)
		}
	}
	return nil
}

func unsatisfied(parameter, value, must string) error {
	return wire.Invalid(fmt.Sprintf("1 validation error detected: "+
		"Value '%s' at '%s' failed to satisfy constraint: Member must %s", value, parameter, must))
}

// duration returns how long a new session of the role is to last: an hour unless the call says so.
func (i *Identity) duration(form url.Values, r *role) (time.Duration, error) {
	text := form.Get("DurationSeconds")
	if text == "" {
		return time.Hour, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 900 {
		return 0, unsatisfied("durationSeconds", text, "have value greater than or equal to 900")
	}
	duration := time.Duration(seconds) * time.Second
	if duration > r.maxSession {
		return 0, wire.Invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return duration, nil
}

// described is a new session as STS describes it.
type described struct {
	Credentials struct {
		AccessKeyId, SecretAccessKey, SessionToken string
		Expiration                                 wire.Timestamp
	}
	AssumedRoleUser struct{ AssumedRoleId, Arn string }
}

func describe(s *session) (d described) {
	d.Credentials.AccessKeyId, d.Credentials.SecretAccessKey = s.accessKey, "fake-secret-access-key"
	d.Credentials.SessionToken, d.Credentials.Expiration = "fake-session-token-"+s.accessKey, wire.Timestamp(s.expires)
	d.AssumedRoleUser.AssumedRoleId, d.AssumedRoleUser.Arn = s.role.id+":"+s.name, s.principal.ARN
	return d
}

func cannotAssume(arn string) error {
	return wire.Invalid("Role " + arn + " is invalid or cannot be assumed")
}
