package ecr

import (
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
)

// CallPermissions returns what the API's operations need.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
func (e *ECR) CallPermissions() permission.Table {
	each := func(action string) func(request) []account.Access {
		return func(q request) []account.Access { return []account.Access{e.onRepository(action, q.RepositoryName)} }
	}
	return permission.Decoded(map[string]func(request) []account.Access{
		"CreateRepository":     each("CreateRepository"),
		"DeleteRepository":     each("DeleteRepository"),
		"DescribeImages":       each("DescribeImages"),
		"ListImages":           each("ListImages"),
		"BatchDeleteImage":     each("BatchDeleteImage"),
		"DescribeRepositories": e.describesRepositories,
		"GetAuthorizationToken": func(request) []account.Access {
			return []account.Access{{Action: "ecr:GetAuthorizationToken", Resource: "*"}}
		},
	})
}

// onRepository is an action on a repository.
func (e *ECR) onRepository(action, repository string) account.Access {
	arn := e.account.ARN("ecr", "repository/"+repository)
	return account.Access{Action: "ecr:" + action, Resource: arn}.WithResourceTags(e.account.Tags(arn))
}

// describesRepositories is for the named repositories, or for all: "ecr:DescribeRepositories on
// resource: arn:aws:ecr:us-east-1:895453431615:repository/*".
func (e *ECR) describesRepositories(q request) (list []account.Access) {
	if len(q.RepositoryNames) == 0 {
		return []account.Access{e.onRepository("DescribeRepositories", "*")}
	}
	for _, name := range q.RepositoryNames {
		list = append(list, e.onRepository("DescribeRepositories", name))
	}
	return list
}
