package wire

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Tree returns a form as the properties of a template: objects, lists and texts. In a form they are
// flattened, such as Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight.
func Tree(form url.Values) any {
	root := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(form)) {
		at := root
		parts := strings.Split(key, ".")
		for _, part := range parts[:len(parts)-1] {
			below, ok := at[part].(map[string]any)
			if !ok {
				below = map[string]any{}
				at[part] = below
			}
			at = below
		}
		at[parts[len(parts)-1]] = form.Get(key)
	}
	return lists(root)
}

// lists turns each object that has only the field member into the list of its members.
func lists(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	members, isList := object["member"].(map[string]any)
	if isList && len(object) == 1 {
		list := []any{}
		for i := 1; members[strconv.Itoa(i)] != nil; i++ {
			list = append(list, lists(members[strconv.Itoa(i)]))
		}
		return list
	}
	for key, value := range object {
		object[key] = lists(value)
	}
	return object
}
