package s3

import (
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/permission"
	"pr-stack/internal/fake/aws/internal/wire"
)

// CallPermissions returns what the API's operations need.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
func (s *S3) CallPermissions() permission.Table {
	table := permission.Table{}
	for name := range s.Operations().Objects {
		table[name] = func(q wire.Request) []account.Access {
			return []account.Access{s.access(name, q.Bucket, q.Key)}
		}
	}
	return table
}

func (s *S3) access(operation, bucket, key string) account.Access {
	return account.Access{Action: "s3:" + operation, Resource: "arn:aws:s3:::" + bucket + "/" + key}.With("aws:ResourceAccount", s.account.ID)
}
