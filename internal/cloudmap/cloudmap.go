// Package cloudmap reads which tasks are registered in a service of AWS Cloud Map. It changes nothing.
package cloudmap

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
)

// Service is one service of Cloud Map, by its ID. Both fields must be set.
type Service struct {
	API *servicediscovery.Client
	ID  string
}

// Instance is a task that is registered.
type Instance struct {
	Port int // 0 if the service has no SRV record
}

// Instances lists the tasks that are registered, at most the 100 of one page.
func (s Service) Instances(ctx context.Context) (list []Instance, err error) {
	answer, err := s.API.ListInstances(ctx, &servicediscovery.ListInstancesInput{ServiceId: &s.ID})
	if err != nil {
		return nil, fmt.Errorf("list the instances of Cloud Map's service %s: %w", s.ID, err)
	}
	for _, i := range answer.Instances {
		port, _ := strconv.Atoi(i.Attributes["AWS_INSTANCE_PORT"])
		list = append(list, Instance{Port: port})
	}
	return list, nil
}
