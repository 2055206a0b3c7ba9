package identity

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/iam"
	"pr-stack/internal/fake/aws/internal/account"
)

// session is one session of a role.
type session struct {
	role      *role
	name      string
	accessKey string
	expires   time.Time // zero: never
	principal *account.Principal
}

// open returns a new session of a role that ends after the duration; 0 means never.
func (i *Identity) open(r *role, name string, duration time.Duration) *session {
	s := &session{role: r, name: name, accessKey: "ASIA" + strings.ToUpper(i.account.Unique(16))}
	if duration > 0 {
		s.expires = i.account.Now().Add(duration)
	}
	s.principal = i.principal(r, name)
	i.sessions[s.accessKey] = s
	i.callers[s.principal] = s
	return s
}

func (i *Identity) principal(r *role, session string) *account.Principal {
	arn := fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", i.account.ID, r.name, session)
	return &account.Principal{ARN: arn, Decide: func(a account.Access) account.Decision {
		decision := r.evaluate(a)
		i.record(arn, a, decision == account.Allow)
		return decision
	}}
}

// NewSession returns the access key of a new session of a role. The session never ends, and the role's
// trust policy is not checked.
func (i *Identity) NewSession(roleARN, name string) (accessKey string, err error) {
	r := i.roles[roleARN]
	if r == nil {
		return "", noRole(roleARN)
	}
	return i.open(r, name, 0).accessKey, nil
}

// Validity says whether an access key can be used.
type Validity int

// The access keys of sessions are known until their role is deleted. All other keys are an
// administrator's.
const (
	Valid Validity = iota
	Expired
	Unknown
)

// Caller returns the principal that an access key belongs to; nil is an administrator.
func (i *Identity) Caller(accessKey string) (*account.Principal, Validity) {
	s := i.sessions[accessKey]
	switch {
	case s == nil && strings.HasPrefix(accessKey, "ASIA"), s != nil && s.role.removed:
		return nil, Unknown
	case s == nil:
		return nil, Valid
	case !s.expires.IsZero() && !i.account.Now().Before(s.expires):
		return nil, Expired
	}
	return s.principal, Valid
}

// serviceRole returns the session in which a service uses a role. CloudFormation calls its session
// AWSCloudFormation.
func (i *Identity) serviceRole(arn, service string) (*account.Principal, error) {
	r := i.roles[arn]
	if r == nil || r.trust.Evaluate(iam.Service, []string{service}, account.Access{Action: "sts:AssumeRole"}) != account.Allow {
		return nil, cannotAssume(arn)
	}
	name := service
	if service == "cloudformation.amazonaws.com" {
		name = "AWSCloudFormation"
	}
	return i.principal(r, name), nil
}

func (i *Identity) sessionEnd(p *account.Principal) time.Time {
	if s := i.callers[p]; s != nil {
		return s.expires
	}
	return time.Time{}
}
