package ecs

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ErrNoCluster means that a cluster does not exist, or is not active.
var ErrNoCluster = errors.New("the cluster does not exist")

// FindCluster returns nil if the cluster can run tasks. It lists tasks, for which the roles of jobs
// have the permission; DescribeClusters would need one more.
func FindCluster(ctx context.Context, api *ecs.Client, name string) error {
	_, err := api.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &name, MaxResults: aws.Int32(1)})
	if missing := (*types.ClusterNotFoundException)(nil); errors.As(err, &missing) {
		return fmt.Errorf("find cluster %s: %w", name, ErrNoCluster)
	}
	if err != nil {
		return fmt.Errorf("find cluster %s: %w", name, err)
	}
	return nil
}
