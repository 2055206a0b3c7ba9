package awsconfig

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"pr-stack/internal/hint"
)

// checkAccount refuses credentials of another account than those that are allowed.
func checkAccount(ctx context.Context, config aws.Config, allowed []string) error {
	if len(allowed) == 0 {
		return nil
	}
	caller, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return &hint.Error{Message: "sign in to AWS: read the account's number: " + Message(err), Hint: Hint(err), Cause: err}
	}
	if slices.Contains(allowed, aws.ToString(caller.Account)) {
		return nil
	}
	// The ARN comes first: it is by an ARN that the log recognises an account's number, to hide it.
	return hint.New("check which role the job assumes, or add its account to allowed-account-ids",
		"sign in to AWS: %s is of account %s, and allowed-account-ids has only %s",
		aws.ToString(caller.Arn), aws.ToString(caller.Account), strings.Join(allowed, ", "))
}
