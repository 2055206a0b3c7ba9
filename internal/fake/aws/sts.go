package aws

import (
	"net/url"

	"pr-stack/internal/fake/aws/internal/wire"
)

func (a *AWS) stsOperations() wire.Operations {
	return wire.Operations{Query: map[string]wire.Query{"GetCallerIdentity": a.getCallerIdentity}}
}

func (a *AWS) getCallerIdentity(url.Values) (any, error) {
	return struct{ Account, Arn, UserId string }{
		Account: a.account.ID,
		Arn:     "arn:aws:sts::" + a.account.ID + ":assumed-role/pr-stack/GitHubActions",
		UserId:  "AROAFAKE:GitHubActions",
	}, nil
}
