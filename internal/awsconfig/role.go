package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"pr-stack/internal/hint"
)

// Role is a role that is assumed with a job's OIDC token.
type Role struct {
	ARN         string
	SessionName string        // which CloudTrail shows
	Duration    time.Duration // of one session; a longer run gets several
	Token       TokenSource
}

// renewBefore is how long before its end a session is replaced by a new one. It is longer than the
// retries of any call.
const renewBefore = 5 * time.Minute

// webIdentity opens sessions of a role. It does not use the SDK's stscreds.WebIdentityRoleProvider, which
// asks for the token without a context, and which goes on for more than a minute if the account has no
// OIDC provider.
type webIdentity struct {
	role Role
	sts  *sts.Client
	mask func(secret string)
}

// credentials returns the credentials of a session of the role. They are renewed before they expire.
func (r Role) credentials(config aws.Config, mask func(secret string)) aws.CredentialsProvider {
	config.Credentials = aws.AnonymousCredentials{} // the token is enough: the call is not signed
	config.Retryer = func() aws.Retryer {
		return newRetryer(func(o *retry.StandardOptions) {
			o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(keysUnavailable))
		})
	}
	session := &webIdentity{role: r, sts: sts.NewFromConfig(config), mask: mask}
	return aws.NewCredentialsCache(session, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = renewBefore })
}

// keysUnavailable retries a refusal that has the code of permanent ones, but is over soon.
// https://github.com/aws/aws-cli/issues/7194
func keysUnavailable(err error) aws.Ternary {
	var api smithy.APIError
	if errors.As(err, &api) && strings.HasPrefix(api.ErrorMessage(), "Couldn't retrieve verification key") {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// Retrieve opens a session.
func (w *webIdentity) Retrieve(ctx context.Context) (aws.Credentials, error) {
	token, err := w.role.Token.get(ctx)
	if err != nil {
		return aws.Credentials{}, &hint.Error{
			Message: "sign in to AWS: get an OIDC token from GitHub: " + err.Error(),
			Hint:    "run the job again",
			Cause:   err,
		}
	}
	w.mask(token)
	answer, err := w.sts.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: &w.role.ARN, RoleSessionName: &w.role.SessionName, WebIdentityToken: &token,
		DurationSeconds: aws.Int32(int32(w.role.Duration / time.Second)),
	})
	if err != nil {
		return aws.Credentials{}, w.refused(token, err)
	}
	given := answer.Credentials
	if given == nil {
		return aws.Credentials{}, hint.New("", "assume role %s: the answer of STS has no credentials", w.role.ARN)
	}
	w.mask(aws.ToString(given.SecretAccessKey))
	w.mask(aws.ToString(given.SessionToken))
	return aws.Credentials{
		AccessKeyID: aws.ToString(given.AccessKeyId), SecretAccessKey: aws.ToString(given.SecretAccessKey),
		SessionToken: aws.ToString(given.SessionToken), Source: "pr-stack", CanExpire: true, Expires: aws.ToTime(given.Expiration),
	}, nil
}

// refused words an error of STS, which names neither the role nor the token's subject. Both are
// needed to correct a trust policy.
func (w *webIdentity) refused(token string, err error) error {
	message := fmt.Sprintf("assume role %s: %s", w.role.ARN, Message(err))
	if sub := subject(token); sub != "" {
		message += " (the subject of GitHub's token is " + sub + ")"
	}
	return &hint.Error{Message: message, Hint: refusalHint(err), Cause: err}
}

const section = " (README.md, Before the first pull request)"

// refusalHint returns what to change after STS refused a token.
func refusalHint(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return Hint(err)
	}
	switch code, message := api.ErrorCode(), api.ErrorMessage(); {
	case strings.HasPrefix(code, "AccessDenied"):
		return "check that the role exists, and that its trust policy allows this subject" + section
	case strings.HasPrefix(message, "No OpenIDConnect provider"):
		return "create the provider of GitHub in the role's account" + section
	case strings.Contains(message, "audience"):
		return "add " + audience + " to the audiences of the account's OIDC provider" + section
	case strings.Contains(message, "MaxSessionDuration"):
		return "lower role-duration-seconds, or raise the role's maximum session duration; a long run renews its session by itself"
	case code == "InvalidIdentityToken", code == "IDPCommunicationError", strings.HasPrefix(code, "ExpiredToken"):
		return "run the job again"
	}
	return Hint(err)
}
