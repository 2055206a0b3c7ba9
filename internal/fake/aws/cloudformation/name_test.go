package cloudformation

import (
	"strings"
	"testing"
)

func TestReadableName_is_the_one_of_CloudFormation(t *testing.T) {
	role := func(stack string) string { return readableName(stack, "TaskExecutionRole", 64-13) }
	for stack, want := range map[string]string{
		"hello-base":                      "hello-base-TaskExecutionRole",
		strings.Repeat("a", 28) + "-base": strings.Repeat("a", 28) + "-base-TaskExecutionRole",
		strings.Repeat("a", 29) + "-base": strings.Repeat("a", 29) + "-bas-TaskExecutionRole",
		"a--b-base":                       "a-b-base-TaskExecutionRole",
	} {
		if got := role(stack); got != want {
			t.Errorf("the role of stack %s is called %s, want %s", stack, got, want)
		}
	}
	long := strings.Repeat("s", 100)
	if got, want := readableName(long, strings.Repeat("r", 100), 51), long[:25]+"-"+strings.Repeat("r", 25); got != want {
		t.Errorf("readableName of two long names = %s, want %s", got, want)
	}
}
