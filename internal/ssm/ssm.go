// Package ssm keeps values in parameters of Systems Manager's Parameter Store. It does not know what a
// value means.
package ssm

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// MaxValue is the most bytes of a value. Larger ones need an advanced parameter, which costs money.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
const MaxValue = 4096

var (
	// ErrExists means that Create found the parameter.
	ErrExists = errors.New("the parameter exists")
	// ErrTooLarge means that a value has more than MaxValue bytes. Nothing was sent.
	ErrTooLarge = fmt.Errorf("the value has more than %d bytes", MaxValue)
)

// Parameter is one parameter, by its name: /A/B/C. Both fields must be set.
type Parameter struct {
	API  *ssm.Client
	Name string
}

// Read returns the parameter's value, and its version, which counts up from 1. Right after a Write or a
// Create it may return the version before, or not find the parameter, because AWS's reads are eventually
// consistent (aws-sdk-js#3586, aws-sdk-js#4349). After a Delete and a Create, versions begin again.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
func (p Parameter) Read(ctx context.Context) (value string, version int64, found bool, err error) {
	answer, err := p.API.GetParameter(ctx, &ssm.GetParameterInput{Name: &p.Name})
	if missing := (*types.ParameterNotFound)(nil); errors.As(err, &missing) {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, fmt.Errorf("read parameter %s: %w", p.Name, err)
	}
	return aws.ToString(answer.Parameter.Value), answer.Parameter.Version, true, nil
}

// Write sets the parameter, which it creates if it does not exist, and returns the new version. It
// does not check that the parameter is still as it was read: the Parameter Store has no compare-and-swap.
func (p Parameter) Write(ctx context.Context, value string) (version int64, err error) {
	return p.put(ctx, value, true)
}

// Create makes the parameter. If it exists, Create returns ErrExists and changes nothing: of several
// calls at the same time, one succeeds. If the answer to a call is lost, the SDK calls again, and
// ErrExists may mean the caller's own value; Read shows whose it is.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
func (p Parameter) Create(ctx context.Context, value string) error {
	_, err := p.put(ctx, value, false)
	if exists := (*types.ParameterAlreadyExists)(nil); errors.As(err, &exists) {
		return fmt.Errorf("create parameter %s: %w", p.Name, ErrExists)
	}
	return err
}

func (p Parameter) put(ctx context.Context, value string, overwrite bool) (version int64, err error) {
	if len(value) > MaxValue {
		return 0, fmt.Errorf("write parameter %s: %w", p.Name, ErrTooLarge)
	}
	answer, err := p.API.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &p.Name, Value: &value, Overwrite: &overwrite,
		Type: types.ParameterTypeString, Tier: types.ParameterTierStandard,
	})
	if err != nil {
		return 0, fmt.Errorf("write parameter %s: %w", p.Name, err)
	}
	return answer.Version, nil
}

// Delete deletes the parameter and its versions. It returns nil if the parameter does not exist.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html
func (p Parameter) Delete(ctx context.Context) error {
	_, err := p.API.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &p.Name})
	if missing := (*types.ParameterNotFound)(nil); errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete parameter %s: %w", p.Name, err)
	}
	return nil
}
