package fakeaws

import "net/http"

type (
	ecsStore struct{}
	elbStore struct{}
)

func ecsOperations() map[string]jsonOperation  { return nil }
func elbOperations() map[string]queryOperation { return nil }

func ecsTypes() map[string]resourceType { return nil }
func elbTypes() map[string]resourceType { return nil }

func (a *AWS) loadBalancer(string) http.Handler { return nil }
