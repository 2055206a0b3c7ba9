// Package permission describes what the operations of a service need: IAM actions on resources, as in
// the Service Authorization Reference.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
package permission

import (
	"encoding/json"
	"net/url"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Table has the accesses that each operation needs, by the operation's name. All of them must be
// allowed. Every operation has an entry.
type Table map[string]func(wire.Request) []account.Access

// None is for an operation that anyone may call, or that checks everything itself.
func None[T any](T) []account.Access { return nil }

// Query returns the table of a service that speaks the query protocol.
func Query(needs map[string]func(url.Values) []account.Access) Table {
	t := Table{}
	for name, need := range needs {
		t[name] = func(q wire.Request) []account.Access { return need(q.Form) }
	}
	return t
}

// Decoded returns the table of a service that speaks JSON, whose input is a T. If the
// input cannot be read, nothing is needed, and the operation returns an error.
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
