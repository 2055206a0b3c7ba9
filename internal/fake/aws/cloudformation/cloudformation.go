// Package cloudformation is CloudFormation's engine, in memory: stacks, their operations and
// events, templates and their intrinsic functions. It knows resource types only as values (Type),
// which the account's services register.
//
// Stack sets and express mode are not implemented. It differs from CloudFormation on
// purpose in this:
//
//   - The events of a rollback and of an automatic deletion have the ClientRequestToken of the call
//     that began the operation. The API reference says so ("all events initiated by a given stack
//     operation"); no recording shows it.
//   - A creation that fails with OnFailure DELETE says "Delete requested by user." No recording shows
//     the words.
//   - A call that is repeated with its token is answered as the first time, unless StrictTokens is set:
//     which of the two AWS does, and in which words, was not found.
//   - GetTemplateSummary has no ResourceIdentifierSummaries: they serve the import of resources, which
//     is not implemented either.
//   - A change set looks no parameter's value up, has nothing on nested stacks, and knows no property
//     that is replaced only "conditionally".
//   - Values of parameters are looked up only for the types that a service registers: networks, subnets
//     and security groups; and in the Parameter Store, where each parameter has one version.
//   - An export that another stack imports can change and go, which AWS refuses.
//   - In rules, Fn::RefAll, Fn::ValueOf and Fn::ValueOfAll are not implemented.
//   - Properties are validated only for those that a type requires.
//   - Tags that AWS itself adds (aws:cloudformation:stack-name) are left out.
//   - What becomes of an operation whose caller's session ends is not documented: it goes on here.
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
	EventPage       int           // the most events on one page of DescribeStackEvents; 0 means as of other listings
	BareEvents      bool          // events have no ResourceProperties
	CreateLag       time.Duration // after CreateStack, until DescribeStacks and the like find the stack
	StrictTokens    bool          // a token that an operation in progress has is an error

	// ReadTemplate returns the template at an address in S3, with the rights of the caller.
	ReadTemplate func(caller *account.Principal, address string) (string, error)
	// StoredParameter returns the value of a parameter in Systems Manager's Parameter Store.
	StoredParameter func(name string) (value string, found bool)
}

// Engine is the account's CloudFormation.
type Engine struct {
	account *account.Account
	options Options
	types   map[string]Type
	// parameters are the types of parameters whose values are looked up.
	parameters map[string]ParameterType
	stacks     []*stack                     // every one that ever was, in the order of creation
	parsed     map[string]*template         // by body
	bodies     map[string]string            // what PutTemplate put, by URL, in place of S3
	tagged     map[string]map[string]string // the tags of what stacks have made, by ARN

	failures    []*Failure
	hooks       []*rejection
	validations []*rejection
}

// New returns a CloudFormation without stacks, which knows two types of resources: a stack in a stack, and
// the metadata of the CDK.
func New(a *account.Account, o Options) *Engine {
	c := &Engine{
		account: a, options: o, types: map[string]Type{}, parameters: map[string]ParameterType{}, parsed: map[string]*template{}, bodies: map[string]string{},
		tagged: map[string]map[string]string{},
	}
	a.TagsOf = c.tagsOf
	c.Register(c.nestedTypes())
	c.Register(c.metadataTypes())
	return c
}

// Register adds types of resources, by their name.
func (c *Engine) Register(types map[string]Type) { maps.Copy(c.types, types) }

// Types returns all types of resources, by their name.
func (c *Engine) Types() map[string]Type { return maps.Clone(c.types) }
