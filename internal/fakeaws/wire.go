package fakeaws

import "net/url"

// queryOperation answers one operation of a service that speaks the query protocol (form in, XML out): CloudFormation,
// Elastic Load Balancing, STS. The result is marshalled by encoding/xml inside <OperationResponse><OperationResult>.
// It is called with a.mu held and everything that was due carried out.
type queryOperation func(a *AWS, form url.Values) (any, error)

// jsonOperation answers one operation of a service that speaks JSON 1.1: ECR, ECS, Logs. The result is marshalled by
// encoding/json; times in it are seconds since 1970, as epochSeconds. It is called like a queryOperation.
type jsonOperation func(a *AWS, body []byte) (any, error)

// apiError is an answer that the SDK turns into a smithy.APIError.
type apiError struct {
	Status  int // of the HTTP answer; 0 means 400
	Code    string
	Message string
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }
