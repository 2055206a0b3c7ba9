package lambda

import (
	"strings"

	"pr-stack/internal/fake/aws/internal/wire"
)

// Routes are the API's operations by method and path.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
var Routes = wire.Routes{"GET /2015-03-31/functions/{FunctionName}": "GetFunction"}

type request struct{ FunctionName string }

// Operations returns the API.
func (l *Lambda) Operations() wire.Operations {
	return wire.Decoded(map[string]func(request) (any, error){"GetFunction": l.getFunction})
}

func (l *Lambda) getFunction(q request) (any, error) {
	f, qualifier := l.function(q.FunctionName)
	var v *version
	if f != nil {
		v = f.at(qualifier)
	}
	if v == nil {
		name, _ := split(q.FunctionName)
		return nil, l.notFound(name)
	}
	arn := f.arn
	if qualifier != "" {
		arn += ":" + qualifier
	}
	_, digest, _ := strings.Cut(v.is.resolved, "@sha256:")
	return map[string]any{
		"Configuration": map[string]any{
			"FunctionName": f.name, "FunctionArn": arn, "Role": v.is.role, "Version": v.number,
			"PackageType": "Image", "CodeSha256": digest, "Architectures": []string{v.is.architecture},
			"MemorySize": v.is.memory, "Timeout": int(v.is.timeout.Seconds()),
			"Environment":  map[string]any{"Variables": v.is.environment},
			"LastModified": v.modified.UTC().Format("2006-01-02T15:04:05.000+0000"), "RevisionId": v.id,
			"State": f.state, "LastUpdateStatus": f.update,
			"LoggingConfig": map[string]any{"LogFormat": "Text", "LogGroup": v.is.logGroup},
		},
		"Code": map[string]any{"RepositoryType": "ECR", "ImageUri": v.is.image, "ResolvedImageUri": v.is.resolved},
		"Tags": l.account.Tags(f.arn),
	}, nil
}
