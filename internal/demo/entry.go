package main

import (
	"fmt"
	"slices"
)

// entry is how requests reach the environment, and what answers them.
type entry struct {
	ingress      string
	architecture string // the template
}

var (
	ingresses     = []string{"dedicated", "shared", "api", "none"}
	architectures = []string{"fargate", "lambda"}
)

func (e entry) check() error {
	if !slices.Contains(ingresses, e.ingress) {
		return fmt.Errorf("-ingress: there is no %q; it is one of %q", e.ingress, ingresses)
	}
	if !slices.Contains(architectures, e.architecture) {
		return fmt.Errorf("-template: there is no %q; it is one of %q", e.architecture, architectures)
	}
	if e.architecture == "lambda" && e.ingress == "none" {
		return fmt.Errorf("-ingress: nothing can call a function with %q", e.ingress)
	}
	return nil
}

// inputs are those of bootstrap. The environments' own default is then the ingress.
func (e entry) inputs() []string {
	list := append(e.template(), "INPUT_INGRESS="+e.ingress, "INPUT_YES=true")
	if e.ingress == "shared" {
		list = append(list, "INPUT_DOMAIN="+domain)
	}
	return list
}

// template are the inputs of every step.
func (e entry) template() []string { return []string{"INPUT_TEMPLATE=" + e.architecture} }
