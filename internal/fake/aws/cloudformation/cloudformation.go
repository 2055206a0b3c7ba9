// Package cloudformation is CloudFormation's engine, in memory: stacks, their operations and
// events, templates and their intrinsic functions. It knows resource types only as values (Type),
// which the account's services register.
//
// Change sets, stack sets and express mode are not implemented.
package cloudformation

import (
	"maps"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
)

// Options is what differs between one CloudFormation and another.
type Options struct {
	EventDelay      func(logicalID, status string) time.Duration // nil: none
	Staleness       func() time.Duration                         // of what DescribeStacks shows; nil: none
	DuplicateEvents bool
}

// Engine is the account's CloudFormation.
type Engine struct {
	account *account.Account
	options Options
	types   map[string]Type
	stacks  []*stack                     // every one that ever was, in the order of creation
	parsed  map[string]*template         // by body
	bodies  map[string]string            // what PutTemplate put, by URL
	tagged  map[string]map[string]string // the tags of what stacks have made, by ARN

	failures    []*Failure
	hooks       []*rejection
	validations []*rejection
}

// New returns a CloudFormation without stacks, which knows one type of resource: a stack in a stack.
func New(a *account.Account, o Options) *Engine {
	c := &Engine{
		account: a, options: o, types: map[string]Type{}, parsed: map[string]*template{}, bodies: map[string]string{},
		tagged: map[string]map[string]string{},
	}
	a.TagsOf = c.tagsOf
	c.Register(c.nestedTypes())
	return c
}

// Register adds types of resources, by their name.
func (c *Engine) Register(types map[string]Type) { maps.Copy(c.types, types) }
