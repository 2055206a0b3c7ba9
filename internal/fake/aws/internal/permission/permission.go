// Package permission is what the operations of a service need: IAM actions on resources, by the
// Service Authorization Reference.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
package permission

import (
	"encoding/json"
	"net/url"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Table has what each operation needs, by its name: all of it must be allowed. Every operation has an
// entry.
type Table map[string]func(wire.Request) []account.Access

// None is the need of an operation that anyone may call, or that checks everything itself.
func None[T any](T) []account.Access { return nil }

// Query returns the table of a service that speaks the query protocol.
func Query(needs map[string]func(url.Values) []account.Access) Table {
	t := Table{}
	for name, need := range needs {
		t[name] = func(q wire.Request) []account.Access { return need(q.Form) }
	}
	return t
}

// Decoded returns the table of a service that speaks JSON, whose input is a T. An operation that
// cannot read its input needs nothing: it says so.
func Decoded[T any](needs map[string]func(T) []account.Access) Table {
	t := Table{}
	for name, need := range needs {
		t[name] = func(q wire.Request) []account.Access {
			var input T
			if json.Unmarshal(q.Body, &input) != nil {
				return nil
			}
			return need(input)
		}
	}
	return t
}
