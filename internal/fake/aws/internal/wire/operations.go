package wire

import (
	"encoding/json"
	"net/url"
)

// Query answers one operation of a service that speaks the query protocol (form in, XML out):
// CloudFormation, Elastic Load Balancing, STS. The result is marshalled by encoding/xml inside
// <OperationResponse><OperationResult>. It is called with the account's lock held, after every
// effect that was due.
type Query func(form url.Values) (any, error)

// JSON answers one operation of a service that speaks JSON: ECR, ECS, Logs, and over REST Lambda, or CBOR:
// CloudWatch. The result is marshalled by encoding/json; times in it are EpochSeconds. It is called like a
// Query.
type JSON func(body []byte) (any, error)

// XMLCall answers one operation of Route 53 that has a body, which is XML. The parameters of its path and of
// its query are in the request's Form. It is called like a Query.
type XMLCall func(q Request) (any, error)

// Operations are those of one service, by name. A service speaks one protocol.
type Operations struct {
	Query   map[string]Query
	JSON    map[string]JSON
	XML     map[string]XMLCall
	Objects map[string]ObjectCall
}

// Decoded returns JSON operations that take their input as a T.
func Decoded[T any](operations map[string]func(T) (any, error)) Operations {
	result := Operations{JSON: map[string]JSON{}}
	for name, operation := range operations {
		result.JSON[name] = func(body []byte) (any, error) {
			var input T
			if err := json.Unmarshal(body, &input); err != nil {
				return nil, &APIError{Code: "SerializationException", Message: err.Error()}
			}
			return operation(input)
		}
	}
	return result
}
