package template_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/hint"
	"pr-stack/internal/template"
)

func TestParameters(t *testing.T) {
	declared := []template.Parameter{
		{Name: "VpcId"},
		{Name: "ImageUri"},
		{Name: "Memory", HasDefault: true},
	}
	type values = map[string]string
	tests := []struct {
		name                     string
		base, builtin, overrides values
		want                     values
	}{
		{
			name:    "base outputs and built-in values are matched by name",
			base:    values{"VpcId": "vpc-1"},
			builtin: values{"ImageUri": "app@sha256:1"},
			want:    values{"VpcId": "vpc-1", "ImageUri": "app@sha256:1"},
		},
		{
			name:    "a value that the template does not declare is left out",
			base:    values{"VpcId": "vpc-1", "ClusterName": "c"},
			builtin: values{"ImageUri": "app@sha256:1", "Service": "s"},
			want:    values{"VpcId": "vpc-1", "ImageUri": "app@sha256:1"},
		},
		{
			name:    "built-in values win over base outputs",
			base:    values{"VpcId": "vpc-1", "ImageUri": "old"},
			builtin: values{"ImageUri": "new"},
			want:    values{"VpcId": "vpc-1", "ImageUri": "new"},
		},
		{
			name:      "overrides win over everything",
			base:      values{"VpcId": "vpc-1"},
			builtin:   values{"ImageUri": "built"},
			overrides: values{"VpcId": "vpc-2", "ImageUri": "other", "Memory": "1024"},
			want:      values{"VpcId": "vpc-2", "ImageUri": "other", "Memory": "1024"},
		},
		{
			name:      "an empty override is a value",
			base:      values{"VpcId": "vpc-1"},
			builtin:   values{"ImageUri": "built"},
			overrides: values{"Memory": ""},
			want:      values{"VpcId": "vpc-1", "ImageUri": "built", "Memory": ""},
		},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "_"), func(t *testing.T) {
			got, err := template.Parameters(declared, tt.base, tt.builtin, tt.overrides)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parameters(…) (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParametersRefused(t *testing.T) {
	declared := []template.Parameter{{Name: "Color"}, {Name: "ImageUri"}, {Name: "VpcId"}, {Name: "Memory", HasDefault: true}}
	tests := []struct {
		name      string
		declared  []template.Parameter
		builtin   map[string]string
		overrides map[string]string
		want      string // each message with its hint
	}{
		{
			name:     "every parameter without a value is named at once",
			declared: declared,
			builtin:  map[string]string{"ImageUri": "x"},
			want: "fill in the template: parameters Color, VpcId have no value" +
				" / set it in parameter-overrides, give it a Default in the template, or add an output of that name to the base stack",
		},
		{
			name:      "the hint for an unknown override names the nearest parameter",
			declared:  declared[3:],
			overrides: map[string]string{"memroy": "1024"},
			want:      "override parameter memroy: the template does not declare it / write Memory in parameter-overrides",
		},
		{
			name:      "the hint for an override with no near name lists all parameters",
			declared:  []template.Parameter{{Name: "Cpu", HasDefault: true}, {Name: "Memory", HasDefault: true}},
			overrides: map[string]string{"Colour": "blue"},
			want:      "override parameter Colour: the template does not declare it / choose one of these in parameter-overrides: Cpu, Memory",
		},
		{
			name:      "a template without parameters accepts no override",
			overrides: map[string]string{"Colour": "blue"},
			want: "override parameter Colour: the template does not declare it" +
				" / remove it from parameter-overrides; the template declares no parameter",
		},
		{
			name:      "unknown and missing are reported together",
			declared:  declared[:1],
			overrides: map[string]string{"Colour": "blue", "Zebra": "striped"},
			want: "override parameter Colour: the template does not declare it / write Color in parameter-overrides\n" +
				"override parameter Zebra: the template does not declare it / choose one of these in parameter-overrides: Color\n" +
				"fill in the template: parameter Color has no value" +
				" / set it in parameter-overrides, give it a Default in the template, or add an output of that name to the base stack",
		},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "_"), func(t *testing.T) {
			got, err := template.Parameters(tt.declared, nil, tt.builtin, tt.overrides)
			if err == nil {
				t.Fatalf("Parameters(…) = %v, <nil>, want an error", got)
			}
			if diff := cmp.Diff(tt.want, shown(err)); diff != "" {
				t.Errorf("Parameters(…) error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParametersRefused_shows_no_value(t *testing.T) {
	const secret = "hunter2"
	values := map[string]string{"Password": secret}
	_, err := template.Parameters([]template.Parameter{{Name: "VpcId"}}, values, values, values)
	if err == nil || strings.Contains(shown(err), secret) {
		t.Errorf("Parameters(…) error = %v, want one without the value %q", err, secret)
	}
}

func TestURL(t *testing.T) {
	tests := []struct {
		outputs map[string]string
		want    string
	}{
		{map[string]string{"Url": "https://x.example", "LoadBalancerDNSName": "lb.example"}, "https://x.example"},
		{map[string]string{"LoadBalancerDNSName": "lb.example"}, "http://lb.example"},
		{map[string]string{"Url": "", "LoadBalancerDNSName": "lb.example"}, "http://lb.example"},
		{map[string]string{"URL": "https://x.example"}, ""}, // names are case-sensitive, as in CloudFormation
		{nil, ""},
	}
	for _, tt := range tests {
		got, ok := template.URL(tt.outputs)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("URL(%v) = %q, %t, want %q, %t", tt.outputs, got, ok, tt.want, tt.want != "")
		}
	}
}

// shown returns what a user sees of an error: each joined error on its own line, with its hint.
func shown(err error) string {
	var lines []string
	for e := range hint.Each(err) {
		lines = append(lines, e.Error()+" / "+strings.Join(hint.Of(e), "; "))
	}
	return strings.Join(lines, "\n")
}

// For all names and values of parameters: an override wins, a value that is not declared is not
// passed on, and no error shows a value.
func FuzzParameters(f *testing.F) {
	f.Add("VpcId", "ImageUri", "vpc-1", "s3cr3t-value", true)
	f.Add("", "a", "", "b", false)
	f.Add("A", "A", "x", "yyyyyyyy", false)
	f.Fuzz(func(t *testing.T, declared, other, base, override string, hasDefault bool) {
		list := []template.Parameter{{Name: declared, HasDefault: hasDefault}}
		got, err := template.Parameters(list, map[string]string{declared: base, other: base}, nil, map[string]string{declared: override})
		if err != nil || len(got) != 1 || got[declared] != override {
			t.Errorf("Parameters = %q, %v, want the override %q alone", got, err, override)
		}
		_, err = template.Parameters(list, nil, nil, map[string]string{other: "v4lue-" + override})
		if other != declared && err == nil {
			t.Errorf("Parameters accepts the override %q, which is not declared", other)
		}
		if err != nil && strings.Contains(err.Error(), "v4lue-") && !strings.Contains(declared+other, "v4lue-") {
			t.Errorf("the error shows a value: %v", err)
		}
	})
}
