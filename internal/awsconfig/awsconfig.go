// Package awsconfig finds the credentials and the region, and makes the configuration that every AWS
// client is built from. It also prepares AWS's errors for a user: it returns AWS's own message
// without the SDK's text around it, and a hint about what to change.
package awsconfig

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"pr-stack/internal/hint"
)

// ErrNoCredentials means that there are no credentials. SignIn's error wraps it.
var ErrNoCredentials = errors.New("no credentials")

// ErrNoRegion means that no region is set.
var ErrNoRegion = errors.New("no region")

// Options says how to sign in.
type Options struct {
	Region string // if "", the SDK finds one
	// Role is assumed with GitHub's OIDC token. If it is nil, the SDK finds credentials.
	Role *Role
	// Accounts are the numbers of the accounts that may be used. If it is empty, any may be.
	Accounts []string
	// Load replaces the SDK's own way to find its configuration. If nil, the SDK's way is used.
	Load func(ctx context.Context, region string) (aws.Config, error)
	// Mask is called with each secret of the credentials before they are used.
	Mask func(secret string)
	// Logf logs, about every 30 seconds, which call waits for AWS. It may be nil.
	Logf func(format string, args ...any)
	// Debugf gets the SDK's own log lines; most of them do not help a user. It may be nil.
	Debugf func(format string, args ...any)
}

// SignIn returns a configuration that has both credentials and a region. If one of them is missing,
// the error names it, before the action does anything.
func SignIn(ctx context.Context, o Options) (aws.Config, error) {
	load := o.Load
	if load == nil {
		load = o.loadDefault
	}
	found, err := load(ctx, o.Region)
	if err != nil {
		return aws.Config{}, &hint.Error{Message: "read the AWS configuration: " + err.Error(), Cause: err}
	}
	found.Retryer = func() aws.Retryer { return newRetryer() }
	if o.Logf != nil {
		found.APIOptions = append(found.APIOptions, logWaiting(o.Logf))
	}
	if err := o.authenticate(ctx, &found); err != nil {
		return aws.Config{}, err
	}
	return found, checkAccount(ctx, found, o.Accounts)
}

func (o Options) loadDefault(ctx context.Context, region string) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithRegion(region), config.WithAppID("pr-stack"), config.WithLogger(sdkLog(o.Debugf)),
	}
	if o.Role != nil { // so that the machine's own credentials are not even looked for
		options = append(options, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	return config.LoadDefaultConfig(ctx, options...)
}

// authenticate checks the credentials and the region, or assumes the role.
func (o Options) authenticate(ctx context.Context, found *aws.Config) error {
	missing := noCredentials
	if o.Role != nil {
		switch {
		case o.Role.Token.URL == "" || o.Role.Token.Secret == "":
			return noToken()
		case found.Region == "": // which STS is called in
			return noRegion()
		}
		found.Credentials, missing = o.Role.credentials(*found, o.Mask), refusal
	}
	// Check credentials first: the step that sets a job's credentials usually sets its region, too.
	if found.Credentials == nil {
		return noCredentials(nil)
	}
	credentials, err := found.Credentials.Retrieve(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return missing(err)
	}
	o.Mask(credentials.SecretAccessKey)
	o.Mask(credentials.SessionToken)
	if found.Region == "" {
		return noRegion()
	}
	return nil
}

func noRegion() error {
	return &hint.Error{Message: "sign in to AWS: no region is set", Hint: "set aws-region, such as eu-north-1", Cause: ErrNoRegion}
}

// noToken is a job without the permission to get OIDC tokens. GitHub gives it to no run for the code of
// a fork, whatever the workflow says, so this counts as having no credentials.
func noToken() error {
	return &hint.Error{
		Message: "sign in to AWS: role-to-assume needs an OIDC token, and GitHub gives this job none",
		Hint:    "add id-token: write to the permissions of the job (permissions: id-token: write), and of a workflow that calls it",
		Cause:   ErrNoCredentials,
	}
}

// refusal returns the error of a role's provider without the text that the SDK's cache adds.
func refusal(err error) error {
	if own, ok := errors.AsType[*hint.Error](err); ok {
		return own
	}
	return err
}

func noCredentials(cause error) error {
	return &hint.Error{
		Message: "sign in to AWS: no credentials found",
		Hint: "set role-to-assume (with permissions: id-token: write), run aws-actions/configure-aws-credentials " +
			"before this step, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
		Cause: errors.Join(ErrNoCredentials, cause),
	}
}

// sdkLog passes the SDK's log lines to debugf. By default the SDK writes them to standard error.
func sdkLog(debugf func(string, ...any)) logging.Logger {
	return logging.LoggerFunc(func(level logging.Classification, format string, args ...any) {
		if debugf != nil {
			debugf("AWS SDK "+string(level)+": "+format, args...)
		}
	})
}

// newRetryer returns a retryer that keeps trying while AWS throttles the account: by default the SDK
// gives up after three attempts, about 1.4 s. Only the context ends the retries earlier. An error
// that waiting cannot fix is returned at once.
func newRetryer(options ...func(*retry.StandardOptions)) aws.Retryer {
	return retry.NewStandard(append(options, func(o *retry.StandardOptions) {
		o.MaxAttempts = 20
		o.MaxBackoff = 5 * time.Second
		o.RateLimiter = ratelimit.None
	})...)
}
