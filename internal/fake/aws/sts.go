package aws

import "net/url"

func stsOperations() map[string]queryOperation {
	return map[string]queryOperation{"GetCallerIdentity": (*AWS).getCallerIdentity}
}

func (a *AWS) getCallerIdentity(url.Values) (any, error) {
	return struct{ Account, Arn, UserId string }{
		Account: a.opts.Account,
		Arn:     "arn:aws:sts::" + a.opts.Account + ":assumed-role/pr-stack/GitHubActions",
		UserId:  "AROAFAKE:GitHubActions",
	}, nil
}
