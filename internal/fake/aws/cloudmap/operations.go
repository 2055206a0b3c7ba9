package cloudmap

import (
	"fmt"
	"strconv"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

type request struct {
	ServiceID  string `json:"ServiceId"`
	NextToken  string
	MaxResults int
}

// Operations returns the API.
func (m *CloudMap) Operations() wire.Operations {
	return wire.Decoded(map[string]func(request) (any, error){"ListInstances": m.listInstances})
}

// CallPermissions returns what the API's operations need.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudmap.html
func (m *CloudMap) CallPermissions() permission.Table {
	return permission.Decoded(map[string]func(request) []account.Access{
		"ListInstances": func(q request) []account.Access {
			arn := m.account.ARN("servicediscovery", "service/"+q.ServiceID)
			a := account.Access{Action: "servicediscovery:ListInstances", Resource: arn}
			return []account.Access{a.WithResourceTags(m.account.Tags(arn))}
		},
	})
}

// listInstances shows the attributes that ECS sets (API reference, RegisterInstance).
func (m *CloudMap) listInstances(q request) (any, error) {
	s := m.services[m.account.ARN("servicediscovery", "service/"+q.ServiceID)]
	if s == nil {
		return nil, &wire.APIError{Code: "ServiceNotFound", Message: fmt.Sprintf("Service not found: %s", q.ServiceID)}
	}
	list := []any{}
	for _, i := range s.instances {
		attributes := map[string]string{"AWS_INSTANCE_IPV4": i.Backend.Address()}
		if i.Port > 0 {
			attributes["AWS_INSTANCE_PORT"] = strconv.Itoa(i.Port)
		}
		list = append(list, map[string]any{"Id": i.ID, "Attributes": attributes})
	}
	part, next := wire.Page(list, q.NextToken, m.account.PageSize(100))
	answer := map[string]any{"Instances": part}
	if next != "" {
		answer["NextToken"] = next
	}
	return answer, nil
}
