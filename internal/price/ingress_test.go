package price

import (
	"fmt"
	"maps"
	"testing"

	"pr-stack/internal/template"
)

// What an environment costs a day with each ingress: its own stack, and its part of what the base stack
// has for it. The figures of one task on Spot are those of the README's table.
func TestOf_each_ingress(t *testing.T) {
	type m = map[string]string
	spot := m{"CapacityProvider": "FARGATE_SPOT"}
	arm := m{"CapacityProvider": "FARGATE_SPOT", "CpuArchitecture": "ARM64"}
	for _, test := range []struct {
		ingress      string
		environment  m
		base         m
		environments int // that share the base stack
		want         string
	}{
		{"dedicated", nil, nil, 1, "1.20"},
		{"dedicated", spot, nil, 1, "0.99"},
		{"shared", spot, m{"SharedLoadBalancer": "true", "Domain": "preview.example.com"}, 10, "0.29"},
		{"shared", spot, m{"SharedLoadBalancer": "true", "Domain": "preview.example.com"}, 20, "0.25"},
		{"api", nil, m{"VpcLink": "true"}, 10, "0.42"},
		{"api", spot, m{"VpcLink": "true"}, 10, "0.22"},
		{"none", spot, nil, 1, "0.21"},
		{"none", arm, nil, 1, "0.20"},
	} {
		parameters := m{"Ingress": test.ingress, "PublicSubnetIds": "subnet-a,subnet-b"}
		maps.Copy(parameters, test.environment)
		own := daily(t, template.Fargate, parameters)
		total := own + daily(t, template.Base, test.base)/float64(test.environments)
		if got := fmt.Sprintf("%.2f", total); got != test.want {
			t.Errorf("%s, %v: %s USD a day, of which %.3f are its own, want %s", test.ingress, test.environment, got, own, test.want)
		}
	}
}

func daily(t *testing.T, body string, parameters map[string]string) float64 {
	t.Helper()
	got, err := Of(body, parameters)
	if err != nil || len(got.Without) > 0 {
		t.Fatalf("Of(%v) = %v, %v, want all of it to be known", parameters, got, err)
	}
	return got.Daily
}

// The thrifty profile: one task on Spot behind an HTTP API. Nothing is shared that costs more with few
// environments, but for the private zone of the namespace, 0.02 a day.
func TestOf_a_thrifty_environment(t *testing.T) {
	for _, architecture := range []string{"X86_64", "ARM64"} {
		parameters := map[string]string{"Ingress": "api", "CapacityProvider": "FARGATE_SPOT", "CpuArchitecture": architecture}
		if got := daily(t, template.Fargate, parameters); got > 0.22 {
			t.Errorf("on %s it costs %.3f USD a day, want at most 0.22", architecture, got)
		}
	}
	if got := fmt.Sprintf("%.2f", daily(t, template.Base, map[string]string{"VpcLink": "true"})*365/12); got != "0.50" {
		t.Errorf("its base stack costs %s USD a month, want 0.50", got)
	}
}
