package lambda

import (
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
)

// CallPermissions returns what the API's operations need.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
func (l *Lambda) CallPermissions() permission.Table {
	return permission.Decoded(map[string]func(request) []account.Access{
		"GetFunction": func(q request) []account.Access {
			name, qualifier := split(q.FunctionName)
			arn := l.arn(name)
			access := account.Access{Action: "lambda:GetFunction", Resource: arn}
			if qualifier != "" {
				access.Resource += ":" + qualifier
			}
			return []account.Access{access.WithResourceTags(l.account.Tags(arn))}
		},
	})
}
