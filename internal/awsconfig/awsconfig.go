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

// Options says how to sign in.
type Options struct {
	Region string // if "", the SDK finds one
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
		load = func(ctx context.Context, region string) (aws.Config, error) {
			return config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithAppID("pr-stack"), config.WithLogger(sdkLog(o.Debugf)))
		}
	}
	found, err := load(ctx, o.Region)
	if err != nil {
		return aws.Config{}, &hint.Error{Message: "read the AWS configuration: " + err.Error(), Cause: err}
	}
	// Check credentials first: the step that sets a job's credentials usually sets its region, too.
	if found.Credentials == nil {
		return aws.Config{}, noCredentials(nil)
	}
	credentials, err := found.Credentials.Retrieve(ctx)
	if ctx.Err() != nil {
		return aws.Config{}, context.Cause(ctx)
	}
	if err != nil {
		return aws.Config{}, noCredentials(err)
	}
	o.Mask(credentials.SecretAccessKey)
	o.Mask(credentials.SessionToken)
	if found.Region == "" {
		return aws.Config{}, hint.New("set aws-region, such as eu-north-1", "sign in to AWS: no region is set")
	}
	found.Retryer = retryer
	if o.Logf != nil {
		found.APIOptions = append(found.APIOptions, logWaiting(o.Logf))
	}
	return found, nil
}

func noCredentials(cause error) error {
	return &hint.Error{
		Message: "sign in to AWS: no credentials found",
		Hint: "run aws-actions/configure-aws-credentials before this step (with permissions: id-token: write), " +
			"or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
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

// retryer returns a retryer that keeps trying while AWS throttles the account: by default the SDK
// gives up after three attempts, about 1.4 s. Only the context ends the retries earlier. An error
// that waiting cannot fix is returned at once.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 20
		o.MaxBackoff = 5 * time.Second
		o.RateLimiter = ratelimit.None
	})
}
