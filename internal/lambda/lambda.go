// Package lambda waits until a Lambda function runs what it should, and reports what prevents that. It
// changes and invokes nothing.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"pr-stack/internal/hint"
	"pr-stack/internal/poll"
)

// ErrGone means that a function was deleted.
var ErrGone = errors.New("it was deleted")

// ErrDenied means that the caller may not describe a function.
var ErrDenied = errors.New("access denied")

// Function is one function, by its name or ARN. API and Name must be set.
type Function struct {
	API  *lambda.Client
	Name string
	Logf func(format string, args ...any) // logs what is waited for; may be nil
}

// Running is what a function runs.
type Running struct {
	Image    string // as the function's configuration names it; "" if its code is no image
	Resolved string // the image by the digest that Lambda found for it
	LogGroup string
	Modified time.Time // when it was changed last
}

// Runs reports whether the function runs this image. It compares digests, or names if digest is "".
func (r Running) Runs(image, digest string) bool {
	if digest == "" {
		return r.Image == image
	}
	return strings.HasSuffix(r.Resolved, "@"+digest)
}

// Digest returns the digest of what runs under an image's name, or "" if another image runs.
func (r Running) Digest(image string) string {
	if r.Image != image {
		return ""
	}
	_, digest, _ := strings.Cut(r.Resolved, "@")
	return digest
}

// Wait returns once the function is active and its last update is complete. When ctx is done, the error
// says what is missing. Wait also returns an error when an update has failed, and when the function is
// deleted. That the code works is not known before it is invoked.
// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
func (f Function) Wait(ctx context.Context) (Running, error) {
	missing := "its state is not known yet"
	waiting := poll.Reporter{Logf: f.Logf}
	for range poll.Every(ctx, 2*time.Second) {
		answer, err := f.get(ctx)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return Running{}, err
		}
		is := answer.Configuration
		switch {
		case failure(is) != "":
			return Running{}, hint.Wrap(fmt.Errorf("function %s: %s", f.Name, failure(is)),
				"see the function in the Lambda console, and run the job again")
		case is.State == types.StatePending:
			missing = "it is created"
		case is.LastUpdateStatus == types.LastUpdateStatusInProgress:
			missing = "it is updated"
		default: // also inactive: it has not been invoked for a long time, and the next request wakes it
			return running(answer), nil
		}
		waiting.Waiting("  waiting for function %s: %s", f.Name, missing)
	}
	return Running{}, hint.Wrap(fmt.Errorf("function %s: %s: %w", f.Name, missing, context.Cause(ctx)),
		"see the function in the Lambda console, and run the job again")
}

// Trouble is what is wrong with a function according to Lambda. Its zero value means that nothing is.
type Trouble struct {
	Failed   string // why the function, or its last update, failed
	LogGroup string
	Modified time.Time // when it was changed last
}

// Trouble returns what is wrong with the function. Lambda knows nothing of code that does not start: that
// is in the function's log.
func (f Function) Trouble(ctx context.Context) (Trouble, error) {
	answer, err := f.get(ctx)
	if err != nil {
		return Trouble{}, err
	}
	is := running(answer)
	return Trouble{Failed: failure(answer.Configuration), LogGroup: is.LogGroup, Modified: is.Modified}, nil
}

func (f Function) get(ctx context.Context) (*lambda.GetFunctionOutput, error) {
	answer, err := f.API.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &f.Name})
	if gone := (*types.ResourceNotFoundException)(nil); errors.As(err, &gone) {
		return nil, fmt.Errorf("describe function %s: %w", f.Name, ErrGone)
	}
	if denied := (smithy.APIError)(nil); errors.As(err, &denied) && denied.ErrorCode() == "AccessDeniedException" {
		return nil, fmt.Errorf("describe function %s: %w: %w", f.Name, ErrDenied, err)
	}
	if err != nil {
		return nil, fmt.Errorf("describe function %s: %w", f.Name, err)
	}
	if answer.Configuration == nil {
		return nil, fmt.Errorf("describe function %s: the answer has no configuration", f.Name)
	}
	return answer, nil
}

func running(answer *lambda.GetFunctionOutput) Running {
	is := answer.Configuration
	r := Running{LogGroup: "/aws/lambda/" + aws.ToString(is.FunctionName)}
	if answer.Code != nil {
		r.Image, r.Resolved = aws.ToString(answer.Code.ImageUri), aws.ToString(answer.Code.ResolvedImageUri)
	}
	if is.LoggingConfig != nil && aws.ToString(is.LoggingConfig.LogGroup) != "" {
		r.LogGroup = *is.LoggingConfig.LogGroup
	}
	r.Modified, _ = time.Parse("2006-01-02T15:04:05.999-0700", aws.ToString(is.LastModified)) // zero if it has another form
	return r
}

// failure returns why a function or its last update failed, or "" if neither did.
func failure(is *types.FunctionConfiguration) string {
	switch {
	case is.State == types.StateFailed:
		return fmt.Sprintf("%s (%s)", aws.ToString(is.StateReason), is.StateReasonCode)
	case is.LastUpdateStatus == types.LastUpdateStatusFailed:
		return fmt.Sprintf("%s (%s)", aws.ToString(is.LastUpdateStatusReason), is.LastUpdateStatusReasonCode)
	}
	return ""
}
