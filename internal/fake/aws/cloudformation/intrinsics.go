package cloudformation

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// scope is what a template's intrinsic functions are resolved in.
type scope struct {
	template   *template
	parameters map[string]string
	pseudo     map[string]string
	resource   func(logicalID string) *Resource // nil if there is none, or none yet
	imported   func(name string) (any, error)
}

// none is what AWS::NoValue stands for: the property is left out.
type none struct{}

// resolve returns a value with every intrinsic function in it resolved.
func (s scope) resolve(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		for name, argument := range v {
			if len(v) == 1 && (name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::")) {
				return s.call(name, argument)
			}
		}
		result := map[string]any{}
		for key, item := range v {
			resolved, err := s.resolve(item)
			if err != nil {
				return nil, err
			}
			if resolved != (none{}) {
				result[key] = resolved
			}
		}
		return result, nil
	case []any:
		result := []any{}
		for _, item := range v {
			resolved, err := s.resolve(item)
			if err != nil {
				return nil, err
			}
			if resolved != (none{}) {
				result = append(result, resolved)
			}
		}
		return result, nil
	}
	return v, nil
}

func (s scope) call(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		return s.ref(property.Text(argument))
	case "Condition":
		return s.condition(property.Text(argument))
	case "Fn::Sub":
		return s.sub(argument)
	case "Fn::If":
		return s.choose(argument)
	case "Fn::GetAZs":
		return []any{s.pseudo["AWS::Region"] + "a", s.pseudo["AWS::Region"] + "b", s.pseudo["AWS::Region"] + "c"}, nil
	}

	resolved, err := s.resolve(argument)
	if err != nil {
		return nil, err
	}
	list, _ := resolved.([]any)
	if holds, ok := logicalFunction(name, list); ok {
		return strconv.FormatBool(holds), nil
	}
	switch {
	case name == "Fn::ImportValue":
		return s.imported(property.Text(resolved))
	case name == "Fn::GetAtt" && len(list) == 2:
		return s.attribute(property.Text(list[0]), property.Text(list[1]))
	case name == "Fn::Join" && len(list) == 2:
		return strings.Join(property.Texts(list[1]), property.Text(list[0])), nil
	case name == "Fn::Split" && len(list) == 2:
		var parts []any
		for part := range strings.SplitSeq(property.Text(list[1]), property.Text(list[0])) {
			parts = append(parts, part)
		}
		return parts, nil
	case name == "Fn::Select" && len(list) == 2:
		from, _ := list[1].([]any)
		at, err := strconv.Atoi(property.Text(list[0]))
		if err != nil || at < 0 || at >= len(from) {
			return nil, wire.Invalid(fmt.Sprintf("Template error: Fn::Select cannot select nonexistent value at index %s", property.Text(list[0])))
		}
		return from[at], nil
	case name == "Fn::FindInMap" && len(list) == 3:
		found, ok := property.Object(property.Object(s.template.Mappings[property.Text(list[0])])[property.Text(list[1])])[property.Text(list[2])]
		if !ok {
			return nil, wire.Invalid(fmt.Sprintf("Template error: Unable to get mapping for %s::%s::%s", property.Text(list[0]), property.Text(list[1]), property.Text(list[2])))
		}
		return found, nil
	case name == "Fn::Cidr" && len(list) == 3:
		return cidr(property.Text(list[0]), property.Text(list[1]), property.Text(list[2]))
	case name == "Fn::Base64":
		return base64.StdEncoding.EncodeToString([]byte(property.Text(resolved))), nil
	}
	return nil, wire.Invalid(fmt.Sprintf("the fake does not implement %s with these arguments", name))
}

// cidr divides a block of IPv4 addresses into count blocks, each with that many bits for its hosts.
func cidr(block, count, bits string) (any, error) {
	prefix, err := netip.ParsePrefix(block)
	n, errCount := strconv.Atoi(count)
	b, errBits := strconv.Atoi(bits)
	if err := errors.Join(err, errCount, errBits); err != nil || !prefix.Addr().Is4() {
		return nil, wire.Invalid(fmt.Sprintf("Template error: Fn::Cidr is not well-formed: %s, %s, %s", block, count, bits))
	}
	bytes := prefix.Masked().Addr().As4()
	first := binary.BigEndian.Uint32(bytes[:])
	blocks := []any{}
	for i := range n {
		var address [4]byte
		binary.BigEndian.PutUint32(address[:], first+uint32(i)<<b)
		blocks = append(blocks, netip.PrefixFrom(netip.AddrFrom4(address), 32-b).String())
	}
	return blocks, nil
}

func (s scope) ref(name string) (any, error) {
	if name == "AWS::NoValue" {
		return none{}, nil
	}
	if v, ok := s.pseudo[name]; ok {
		return v, nil
	}
	if p, ok := s.template.Parameters[name]; ok {
		v := s.parameters[name]
		if !p.isList() {
			return v, nil
		}
		list := []any{}
		for item := range strings.SplitSeq(v, ",") {
			list = append(list, strings.TrimSpace(item))
		}
		return list, nil
	}
	if r := s.resource(name); r != nil {
		return r.PhysicalID, nil
	}
	return "", nil // the resource does not exist yet: only a comparison sees it
}

func (s scope) attribute(id, name string) (any, error) {
	r := s.resource(id)
	if r == nil {
		return "", nil
	}
	v, ok := r.Attributes[name]
	if !ok {
		return nil, &attributeError{id, r.Type, name}
	}
	return v, nil
}

func (s scope) condition(name string) (any, error) {
	definition, ok := s.template.Conditions[name]
	if !ok {
		return nil, wire.Invalid(fmt.Sprintf("Template format error: Unresolved condition dependency %s in the Resources block of the template", name))
	}
	return s.resolve(definition)
}

// holds reports whether a condition is true; no condition is always true.
func (s scope) holds(name string) (bool, error) {
	if name == "" {
		return true, nil
	}
	v, err := s.condition(name)
	return v == "true", err
}

func (s scope) choose(argument any) (any, error) {
	list, _ := argument.([]any)
	if len(list) != 3 {
		return nil, wire.Invalid("Template error: Fn::If requires a list argument with three elements")
	}
	holds, err := s.holds(property.Text(list[0]))
	if err != nil {
		return nil, err
	}
	if holds {
		return s.resolve(list[1])
	}
	return s.resolve(list[2])
}

var variable = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

func (s scope) sub(argument any) (any, error) {
	words, variables := property.Text(argument), map[string]any{}
	if list, ok := argument.([]any); ok && len(list) == 2 {
		words, variables = property.Text(list[0]), property.Object(list[1])
	}
	var failed error
	result := variable.ReplaceAllStringFunc(words, func(match string) string {
		name := match[2 : len(match)-1]
		var v any
		var err error
		if own, ok := variables[name]; ok {
			v, err = s.resolve(own)
		} else if id, attribute, ok := strings.Cut(name, "."); ok {
			v, err = s.attribute(id, attribute)
		} else {
			v, err = s.ref(name)
		}
		if err != nil {
			failed = err
		}
		return property.Text(v)
	})
	return strings.ReplaceAll(result, "${!", "${"), failed
}
