package environment

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParameterPath(t *testing.T) {
	for service, want := range map[string]string{
		"hello": "/pr-stack/hello/production", "next.js": "/pr-stack/next.js/production",
		"Ünï": "/pr-stack/" + StackName("Ünï", "production"), "hello/production": "/pr-stack/" + StackName("hello/production", "production"),
	} {
		if got := ParameterPath(service, "production"); got != want {
			t.Errorf("ParameterPath(%s) = %s, want %s", service, got, want)
		}
	}
}

// No service's parameters are below another's path, on which the policies of its roles depend.
func TestParameterPath_is_valid_and_below_no_other(t *testing.T) {
	valid := regexp.MustCompile(`^(/[A-Za-z0-9_.-]+){2,3}$`)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`(a|b|/|é| |-|\.|production){1,4}`)
		one, other := [2]string{name.Draw(t, "s"), name.Draw(t, "e")}, [2]string{name.Draw(t, "s2"), name.Draw(t, "e2")}
		a, b := ParameterPath(one[0], one[1]), ParameterPath(other[0], other[1])
		if !valid.MatchString(a) {
			t.Fatalf("ParameterPath(%q) = %s, which is not valid", one, a)
		}
		if one != other && (a == b || strings.HasPrefix(b+"/", a+"/")) {
			t.Fatalf("%s of %q is below %s of %q", b, other, a, one)
		}
	})
}
