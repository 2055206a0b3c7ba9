package template_test

import (
	"testing"

	"pr-stack/internal/template"
)

func TestIngress(t *testing.T) {
	type m = map[string]string
	for _, test := range []struct {
		asked string
		base  m
		want  string
	}{
		{"", nil, "dedicated"}, // a base stack of before
		{"", m{"Ingress": "api"}, "api"},
		{"none", m{"Ingress": "api"}, "none"},
	} {
		if got := template.Ingress(test.asked, test.base); got != test.want {
			t.Errorf("Ingress(%q, %v) = %q, want %q", test.asked, test.base, got, test.want)
		}
	}
}

// A base stack offers an ingress if it has all that the environments need of it. They are outputs.
func TestOffers(t *testing.T) {
	outputs := section(t, template.Base, "Outputs")
	api := map[string]string{"VpcLinkId": "l", "VpcLinkSecurityGroupId": "sg-1", "NamespaceId": "ns-1"}
	for name := range api {
		if outputs[name] == nil {
			t.Errorf("the base stack has no output %s", name)
		}
	}
	for ingress, want := range map[string]bool{"dedicated": true, "none": true, "api": true, "shared": false} {
		if got := template.Offers(ingress, api); got != want {
			t.Errorf("Offers(%s, %v) = %v, want %v", ingress, api, got, want)
		}
	}
	delete(api, "NamespaceId")
	if template.Offers("api", api) {
		t.Errorf("a base stack without a namespace offers api")
	}
}
