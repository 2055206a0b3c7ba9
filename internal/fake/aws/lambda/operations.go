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
	f := l.functions[functionName(q.FunctionName)]
	if f == nil {
		return nil, l.notFound(functionName(q.FunctionName))
	}
	_, digest, _ := strings.Cut(f.is.resolved, "@sha256:")
	return map[string]any{
		"Configuration": map[string]any{
			"FunctionName": f.name, "FunctionArn": f.arn, "Role": f.is.role, "Version": "$LATEST",
			"PackageType": "Image", "CodeSha256": digest, "Architectures": []string{f.is.architecture},
			"MemorySize": f.is.memory, "Timeout": int(f.is.timeout.Seconds()),
			"Environment":  map[string]any{"Variables": f.is.environment},
			"LastModified": f.modified.UTC().Format("2006-01-02T15:04:05.000+0000"), "RevisionId": f.id,
			"State": f.state, "LastUpdateStatus": f.update,
			"LoggingConfig": map[string]any{"LogFormat": "Text", "LogGroup": f.is.logGroup},
		},
		"Code": map[string]any{"RepositoryType": "ECR", "ImageUri": f.is.image, "ResolvedImageUri": f.is.resolved},
		"Tags": l.account.Tags(f.arn),
	}, nil
}
