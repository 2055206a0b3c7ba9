package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"pr-stack/internal/hint"
)

// ErrOtherAccount means that the credentials are of an account that may not be used. SignIn's error
// wraps it.
var ErrOtherAccount = errors.New("another account")

// Caller is whom AWS takes the credentials for.
type Caller struct{ ARN, Account string }

// WhoIs asks AWS whose credentials a configuration has. No permission is needed.
func WhoIs(ctx context.Context, config aws.Config) (Caller, error) {
	answer, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if ctx.Err() != nil {
		return Caller{}, context.Cause(ctx)
	}
	if err != nil {
		return Caller{}, &hint.Error{Message: "sign in to AWS: read the account's number: " + Message(err), Hint: Hint(err), Cause: err}
	}
	return Caller{ARN: aws.ToString(answer.Arn), Account: aws.ToString(answer.Account)}, nil
}

// checkAccount refuses credentials of another account than those that are allowed.
func checkAccount(ctx context.Context, config aws.Config, allowed []string) error {
	if len(allowed) == 0 {
		return nil
	}
	caller, err := WhoIs(ctx, config)
	if err != nil {
		return err
	}
	if slices.Contains(allowed, caller.Account) {
		return nil
	}
	// The ARN comes first: it is by an ARN that the log recognises an account's number, to hide it.
	return &hint.Error{
		Message: fmt.Sprintf("sign in to AWS: %s is of account %s, and allowed-account-ids has only %s",
			caller.ARN, caller.Account, strings.Join(allowed, ", ")),
		Hint:  "check which role the job assumes, or add its account to allowed-account-ids",
		Cause: ErrOtherAccount,
	}
}
