// Package ssm is the Parameter Store of Systems Manager: parameters with their versions, as its API and
// CloudFormation see them. A name with a version or a label (NAME:3) and secure strings' keys are not
// implemented: every value is readable as it is stored.
package ssm

import (
	"time"

	"pr-stack/internal/fake/aws/internal/account"
)

// Options is what differs between one Parameter Store and another.
type Options struct {
	// Staleness is how old the answers of GetParameter, GetParameters and GetParametersByPath are; it is
	// called at each call. Nil: they are up to date. AWS's reads are eventually consistent: right after
	// PutParameter they may have the version before, or not find the parameter (aws-sdk-js#3586,
	// aws-sdk-js#4349, aws-cdk-cli#830).
	Staleness func() time.Duration
}

// Store is the account's parameters.
type Store struct {
	account *account.Account
	options Options
	entries map[string][]entry // by name, oldest first
}

// entry is what a parameter was from a time on: one of its versions, or nothing.
type entry struct {
	at      time.Time
	version int // counts up from 1; 0: the parameter was deleted
	value   string
	kind    string // String, StringList, SecureString
	user    string // the ARN of the caller who wrote it
	tags    map[string]string
}

// maxVersions is how many versions a parameter keeps: the next one deletes the oldest.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
const maxVersions = 100

// New returns a Store without parameters.
func New(a *account.Account, o Options) *Store {
	return &Store{account: a, options: o, entries: map[string][]entry{}}
}

// Put sets a parameter.
func (s *Store) Put(name, value string) {
	s.account.Lock()
	defer s.account.Unlock()
	s.account.Advance()
	s.put(name, entry{value: value})
}

// Get returns a parameter's value.
func (s *Store) Get(name string) (value string, found bool) {
	e, found := s.current(name)
	return e.value, found
}

// put adds a version to a parameter, which keeps its type and tags, and returns its number.
func (s *Store) put(name string, e entry) (version int) {
	before, _ := s.current(name)
	e.at, e.version = s.account.Now(), before.version+1
	if e.kind == "" {
		e.kind = "String"
		if before.kind != "" {
			e.kind = before.kind
		}
	}
	if e.tags == nil {
		e.tags = before.tags
	}
	e.user = "arn:aws:iam::" + s.account.ID + ":root"
	if caller := s.account.Caller; caller != nil {
		e.user = caller.ARN
	}
	s.entries[name] = append(s.entries[name], e)
	return e.version
}

func (s *Store) remove(name string) {
	s.entries[name] = append(s.entries[name], entry{at: s.account.Now()})
}

// current returns a parameter's newest version.
func (s *Store) current(name string) (e entry, found bool) {
	return s.at(name, s.account.Now())
}

// at returns a parameter's version at a time.
func (s *Store) at(name string, t time.Time) (e entry, found bool) {
	for _, one := range s.entries[name] {
		if !one.at.After(t) {
			e = one
		}
	}
	return e, e.version > 0
}

// seen returns the version of a parameter that a read sees.
func (s *Store) seen(name string) (e entry, found bool) {
	if s.options.Staleness == nil {
		return s.current(name)
	}
	return s.at(name, s.account.Now().Add(-s.options.Staleness()))
}

// versions returns the versions that a parameter keeps, oldest first. There are none if it is deleted.
func (s *Store) versions(name string) []entry {
	var kept []entry
	for _, e := range s.entries[name] {
		kept = append(kept, e)
		if e.version == 0 {
			kept = nil
		}
	}
	return kept[max(0, len(kept)-maxVersions):]
}
