package template_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
		name                 string
		base, own, overrides values
		want                 values
	}{
		{
			name: "base outputs and own values go by their names",
			base: values{"VpcId": "vpc-1"},
			own:  values{"ImageUri": "app@sha256:1"},
			want: values{"VpcId": "vpc-1", "ImageUri": "app@sha256:1"},
		},
		{
			name: "what the template does not declare is left out",
			base: values{"VpcId": "vpc-1", "ClusterName": "c"},
			own:  values{"ImageUri": "app@sha256:1", "Service": "s"},
			want: values{"VpcId": "vpc-1", "ImageUri": "app@sha256:1"},
		},
		{
			name: "own values win over base outputs",
			base: values{"VpcId": "vpc-1", "ImageUri": "old"},
			own:  values{"ImageUri": "new"},
			want: values{"VpcId": "vpc-1", "ImageUri": "new"},
		},
		{
			name:      "overrides win over all",
			base:      values{"VpcId": "vpc-1"},
			own:       values{"ImageUri": "built"},
			overrides: values{"VpcId": "vpc-2", "ImageUri": "other", "Memory": "1024"},
			want:      values{"VpcId": "vpc-2", "ImageUri": "other", "Memory": "1024"},
		},
		{
			name:      "an empty override is a value",
			base:      values{"VpcId": "vpc-1"},
			own:       values{"ImageUri": "built"},
			overrides: values{"Memory": ""},
			want:      values{"VpcId": "vpc-1", "ImageUri": "built", "Memory": ""},
		},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "_"), func(t *testing.T) {
			got, err := template.Parameters(declared, tt.base, tt.own, tt.overrides)
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
		own       map[string]string
		overrides map[string]string
		want      string // every message with its hint
	}{
		{
			name:     "every parameter without a value is named at once",
			declared: declared,
			own:      map[string]string{"ImageUri": "x"},
			want: "fill in the template: parameters Color, VpcId have no value" +
				" / set it in parameter-overrides, give it a Default in the template, or an output of that name to the base stack",
		},
		{
			name:      "an unknown override is told what was meant",
			declared:  declared[3:],
			overrides: map[string]string{"memroy": "1024"},
			want:      "override parameter memroy: the template does not declare it / write Memory in parameter-overrides",
		},
		{
			name:      "an override like no other is told what there is",
			declared:  []template.Parameter{{Name: "Cpu", HasDefault: true}, {Name: "Memory", HasDefault: true}},
			overrides: map[string]string{"Colour": "blue"},
			want:      "override parameter Colour: the template does not declare it / take one of these in parameter-overrides: Cpu, Memory",
		},
		{
			name:      "a template without parameters takes no override",
			overrides: map[string]string{"Colour": "blue"},
			want: "override parameter Colour: the template does not declare it" +
				" / remove it from parameter-overrides; the template declares no parameter",
		},
		{
			name:      "unknown and missing are told together",
			declared:  declared[:1],
			overrides: map[string]string{"Colour": "blue", "Zebra": "striped"},
			want: "override parameter Colour: the template does not declare it / write Color in parameter-overrides\n" +
				"override parameter Zebra: the template does not declare it / take one of these in parameter-overrides: Color\n" +
				"fill in the template: parameter Color has no value" +
				" / set it in parameter-overrides, give it a Default in the template, or an output of that name to the base stack",
		},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "_"), func(t *testing.T) {
			got, err := template.Parameters(tt.declared, nil, tt.own, tt.overrides)
			if err == nil {
				t.Fatalf("Parameters(…) = %v, <nil>, want an error", got)
			}
			if diff := cmp.Diff(tt.want, told(err)); diff != "" {
				t.Errorf("Parameters(…) error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParametersRefused_shows_no_value(t *testing.T) {
	const secret = "hunter2"
	values := map[string]string{"Password": secret}
	_, err := template.Parameters([]template.Parameter{{Name: "VpcId"}}, values, values, values)
	if err == nil || strings.Contains(told(err), secret) {
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
		{map[string]string{"URL": "https://x.example"}, ""}, // CloudFormation tells case apart, and so do we
		{nil, ""},
	}
	for _, tt := range tests {
		got, ok := template.URL(tt.outputs)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("URL(%v) = %q, %t, want %q, %t", tt.outputs, got, ok, tt.want, tt.want != "")
		}
	}
}

// told is what a user gets to see of an error: each joined one on a line, with its hint.
func told(err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var lines []string
		for _, e := range joined.Unwrap() {
			lines = append(lines, told(e))
		}
		return strings.Join(lines, "\n")
	}
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) {
		return err.Error() + " / no hint"
	}
	return err.Error() + " / " + hinted.Hint()
}

// Whatever a template calls its parameters, and whatever their values are: an override wins, what is not declared is not
// passed on, and no value is ever shown.
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
			t.Errorf("Parameters takes the override %q, which is not declared", other)
		}
		if err != nil && strings.Contains(err.Error(), "v4lue-") && !strings.Contains(declared+other, "v4lue-") {
			t.Errorf("the error shows a value: %v", err)
		}
	})
}
