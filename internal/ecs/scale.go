package ecs

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// Scale changes how many tasks the service shall run. CloudFormation does not undo it: an update of the
// stack leaves the count alone as long as the template's own does not change.
func (s Service) Scale(ctx context.Context, count int) error {
	_, err := s.API.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: aws.String(s.cluster()), Service: &s.ARN, DesiredCount: aws.Int32(int32(count)),
	})
	if err != nil {
		return fmt.Errorf("scale service %s to %d: %w", s.name(), count, err)
	}
	return nil
}

// Desired returns how many tasks the service shall run.
func (s Service) Desired(ctx context.Context) (int, error) {
	service, err := s.describe(ctx)
	if err != nil {
		return 0, err
	}
	return int(service.DesiredCount), nil
}
