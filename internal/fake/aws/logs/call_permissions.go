package logs

import (
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
)

// CallPermissions returns what the API's operations need. The service evaluates every call on the ARN of
// a stream, with no name where the call has none: "logs:CreateLogGroup on resource:
// arn:…:log-group:/aws/lambda/…:log-stream:" (elastic/apm-aws-lambda#526), and "logs:DescribeLogGroups
// on resource: arn:…:log-group::log-stream:", whatever prefix is asked for.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
func (l *Logs) CallPermissions() permission.Table {
	on := func(action string) func(request) []account.Access {
		return func(q request) []account.Access {
			arn := l.account.ARN("logs", "log-group:"+q.LogGroupName+":log-stream:"+q.LogStreamName)
			tags := l.account.Tags(l.account.ARN("logs", "log-group:"+q.LogGroupName+":*"))
			return []account.Access{account.Access{Action: "logs:" + action, Resource: arn}.WithResourceTags(tags)}
		}
	}
	return permission.Decoded(map[string]func(request) []account.Access{
		"CreateLogGroup":     on("CreateLogGroup"),
		"DeleteLogGroup":     on("DeleteLogGroup"),
		"DescribeLogGroups":  on("DescribeLogGroups"),
		"DescribeLogStreams": on("DescribeLogStreams"),
		"GetLogEvents":       on("GetLogEvents"),
		"FilterLogEvents":    on("FilterLogEvents"),
	})
}
