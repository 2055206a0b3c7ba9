// Package cloudmap is AWS Cloud Map: private namespaces, the services in them, and the instances that
// are registered with those.
package cloudmap

import (
	"net/http"
	"slices"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
)

// CloudMap is the account's namespaces and services.
type CloudMap struct {
	account    *account.Account
	namespaces map[string]*namespace // by ID
	services   map[string]*service   // by ARN
}

// New returns a Cloud Map without namespaces.
func New(a *account.Account) *CloudMap {
	return &CloudMap{account: a, namespaces: map[string]*namespace{}, services: map[string]*service{}}
}

type namespace struct{ id, arn, name, vpc string }

type service struct {
	id, arn, name string
	namespace     string // its ID
	recordType    string // SRV or A
	instances     []*Instance
	gone          []*Instance // that were registered once
}

// Instance is one address that a service has: that of an ECS task.
type Instance struct {
	ID      string
	Backend Backend
	Port    int       // 0 if only an address was registered
	Left    time.Time // when it was deregistered; zero if it is registered
}

// Backend is what listens at an instance's address.
type Backend interface {
	Address() string
	Listens(port int) bool // takes connections
	Hangs() bool           // takes connections and never answers
	Handler() http.Handler
}

// Exists reports whether there is a service of that ARN.
func (m *CloudMap) Exists(serviceARN string) bool { return m.services[serviceARN] != nil }

// Register adds an instance to a service. It returns nil if there is no such service.
func (m *CloudMap) Register(serviceARN, id string, b Backend, port int) *Instance {
	s := m.services[serviceARN]
	if s == nil {
		return nil
	}
	if s.recordType != "SRV" {
		port = 0 // a record of another type has none
	}
	i := &Instance{ID: id, Backend: b, Port: port}
	s.instances = append(s.instances, i)
	return i
}

// Deregister removes an instance from its service.
func (m *CloudMap) Deregister(serviceARN string, i *Instance) {
	s := m.services[serviceARN]
	if s == nil || i == nil {
		return
	}
	i.Left = m.account.Now()
	s.instances = slices.DeleteFunc(s.instances, func(other *Instance) bool { return other == i })
	s.gone = append(s.gone, i)
}

// Discover returns the instances of a service, and those that have left it within that time, which a
// caller with a cache may still know. Scale applies to the time.
func (m *CloudMap) Discover(serviceARN string, cached time.Duration) []*Instance {
	s := m.services[serviceARN]
	if s == nil {
		return nil
	}
	list := slices.Clone(s.instances)
	for _, i := range s.gone {
		if m.account.Now().Sub(i.Left) < time.Duration(float64(cached)*m.account.Scale) {
			list = append(list, i)
		}
	}
	return list
}
