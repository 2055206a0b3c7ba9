package wire

import "errors"

// APIError is an answer that the SDK turns into a smithy.APIError.
type APIError struct {
	Status  int // of the HTTP answer; 0 means 400
	Code    string
	Message string
}

func (e *APIError) Error() string { return e.Code + ": " + e.Message }

// Reason is why something failed in AWS's own words, which keep their capital and their full stop.
type Reason string

func (r Reason) Error() string { return string(r) }

// Invalid is CloudFormation's answer to anything that is wrong with a request.
func Invalid(message string) error { return &APIError{Code: "ValidationError", Message: message} }

// AsAPIError makes an error of an operation an *APIError: one that has no code comes from a
// template and is the caller's mistake.
func AsAPIError(err error) *APIError {
	if api, ok := errors.AsType[*APIError](err); ok {
		return api
	}
	return &APIError{Code: "ValidationError", Message: err.Error()}
}
