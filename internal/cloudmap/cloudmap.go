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

// Ports returns the port of each task that is registered, at most the 100 of one page. It is 0 if the
// service has no SRV record.
func (s Service) Ports(ctx context.Context) (ports []int, err error) {
	answer, err := s.API.ListInstances(ctx, &servicediscovery.ListInstancesInput{ServiceId: &s.ID})
	if err != nil {
		return nil, fmt.Errorf("list the instances of Cloud Map's service %s: %w", s.ID, err)
	}
	for _, i := range answer.Instances {
		port, _ := strconv.Atoi(i.Attributes["AWS_INSTANCE_PORT"])
		ports = append(ports, port)
	}
	return ports, nil
}
