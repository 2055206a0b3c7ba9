package ssm

import (
	"maps"
	"strconv"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
)

// CallPermissions returns what the API's operations need. PutParameter with tags needs
// ssm:AddTagsToResource as well.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
func (s *Store) CallPermissions() permission.Table {
	on := func(action string) func(request) []account.Access {
		return func(q request) []account.Access { return []account.Access{s.access(action, q.Name)} }
	}
	return permission.Decoded(map[string]func(request) []account.Access{
		"PutParameter":        s.putNeeds,
		"GetParameter":        on("GetParameter"),
		"GetParameterHistory": on("GetParameterHistory"),
		"DeleteParameter":     on("DeleteParameter"),
		"GetParameters": func(q request) (needs []account.Access) {
			for _, name := range q.Names {
				needs = append(needs, s.access("GetParameters", name))
			}
			return needs
		},
		"GetParametersByPath": func(q request) []account.Access {
			return []account.Access{s.access("GetParametersByPath", q.Path)}
		},
	})
}

func (s *Store) putNeeds(q request) []account.Access {
	put := s.access("PutParameter", q.Name).With("ssm:Overwrite", strconv.FormatBool(q.Overwrite)).WithRequestTags(q.tags())
	if len(q.Tags) == 0 {
		return []account.Access{put}
	}
	return []account.Access{put, s.access("AddTagsToResource", q.Name).WithRequestTags(q.tags())}
}

// access returns an action on a parameter, with the tags that the API or a stack gave it.
func (s *Store) access(operation, name string) account.Access {
	tags := maps.Clone(s.account.Tags(s.arn(name)))
	if tags == nil {
		tags = map[string]string{}
	}
	e, _ := s.current(name)
	maps.Copy(tags, e.tags)
	return account.Access{Action: "ssm:" + operation, Resource: s.arn(name)}.WithResourceTags(tags)
}
