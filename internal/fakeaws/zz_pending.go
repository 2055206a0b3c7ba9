package fakeaws

import "net/http"

type (
	ecrStore  struct{}
	ecsStore  struct{}
	elbStore  struct{}
	logsStore struct{}
)

func ecrOperations() map[string]jsonOperation  { return nil }
func ecsOperations() map[string]jsonOperation  { return nil }
func logsOperations() map[string]jsonOperation { return nil }
func elbOperations() map[string]queryOperation { return nil }

func ecrTypes() map[string]resourceType  { return nil }
func ecsTypes() map[string]resourceType  { return nil }
func elbTypes() map[string]resourceType  { return nil }
func logsTypes() map[string]resourceType { return nil }

func (a *AWS) serveRegistry(http.ResponseWriter, *http.Request) error { return nil }
func (a *AWS) loadBalancer(string) http.Handler                       { return nil }
