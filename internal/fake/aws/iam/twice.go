package iam

import (
	"encoding/json"
	"fmt"
	"strings"
)

// checkTwice returns an error if an object in JSON has a field twice: a decoder would ignore one of
// them. Case makes no difference, neither in a policy's elements nor in condition keys.
func checkTwice(data []byte) error {
	var fields map[string]json.RawMessage
	if isObject := json.Unmarshal(data, &fields) == nil; !isObject {
		var list []json.RawMessage
		if isList := json.Unmarshal(data, &list) == nil; !isList {
			return nil
		}
		for _, item := range list {
			if err := checkTwice(item); err != nil {
				return err
			}
		}
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	_, _ = d.Token() // the object's brace
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		field, _ := name.(string)
		if seen[strings.ToLower(field)] {
			return fmt.Errorf("the policy has %q twice in one place", field)
		}
		seen[strings.ToLower(field)] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := checkTwice(value); err != nil {
			return err
		}
	}
	return nil
}
