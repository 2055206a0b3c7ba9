// Package lambda is AWS Lambda: functions whose code is a container image, their resource policies,
// and their invocation by other services.
//
// A version of a function has one execution environment at most, which answers all its requests. An alias
// sends all requests to one version.
package lambda

import (
	"pr-stack/internal/fake/aws/ecr"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/logs"
)

// Dependencies are the services that Lambda itself calls: it pulls images, and writes logs.
type Dependencies struct {
	ECR  *ecr.ECR
	Logs *logs.Logs
}

// Lambda is the account's functions.
type Lambda struct {
	Dependencies
	account   *account.Account
	behavior  Behavior
	functions map[string]*function // by name
}

// New returns a Lambda without functions. If behavior is nil, every container is the zero Container.
func New(a *account.Account, uses Dependencies, behavior Behavior) *Lambda {
	return &Lambda{Dependencies: uses, account: a, behavior: behavior, functions: map[string]*function{}}
}
