package ssm

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/wire"
)

type request struct {
	Name       string
	Names      []string
	Path       string
	Recursive  bool
	Value      string
	Type       string
	Tier       string
	Overwrite  bool
	Tags       []tag
	MaxResults int
	NextToken  string
}

type tag struct{ Key, Value string }

func (q request) tags() map[string]string {
	tags := map[string]string{}
	for _, t := range q.Tags {
		tags[t.Key] = t.Value
	}
	return tags
}

// Operations returns the API.
func (s *Store) Operations() wire.Operations {
	return wire.Decoded(map[string]func(request) (any, error){
		"PutParameter":        s.putParameter,
		"GetParameter":        s.getParameter,
		"GetParameters":       s.getParameters,
		"GetParametersByPath": s.getParametersByPath,
		"GetParameterHistory": s.getParameterHistory,
		"DeleteParameter":     s.deleteParameter,
	})
}

// notFound has no message: "An error occurred (ParameterNotFound) when calling the GetParameter
// operation: " is all that clients show.
func notFound() error { return &wire.APIError{Code: "ParameterNotFound"} }

func invalid(message string) error {
	return &wire.APIError{Code: "ValidationException", Message: message}
}

// The largest values of the tiers, in bytes.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
const (
	maxStandard = 4096
	maxAdvanced = 8192
)

// names matches names of parameters. The words about others are those of aws-sdk-php#1952.
var names = regexp.MustCompile(`^(/?[A-Za-z0-9_.-]+)+$`)

func invalidName() error {
	return invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of ` +
		"sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_")
}

// putParameter adds a version. The words about tags are those of terraform-provider-aws#18550, those
// about a value that is too long those of aws-sdk-net#3157, and those about a parameter that exists
// those of binxio/cfn-secret-provider#10; those about the type and an advanced value are in their form.
func (s *Store) putParameter(q request) (any, error) {
	before, exists := s.current(q.Name)
	tier := q.Tier
	if tier != "Advanced" {
		tier = "Standard"
	}
	switch {
	case !names.MatchString(q.Name):
		return nil, invalidName()
	case q.Overwrite && len(q.Tags) > 0:
		return nil, invalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, " +
			"please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case tier == "Standard" && len(q.Value) > maxStandard:
		return nil, invalid("Standard tier parameters support a maximum parameter value of 4096 characters. " +
			"To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, " +
			"see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html")
	case len(q.Value) > maxAdvanced:
		return nil, invalid("Advanced tier parameters support a maximum parameter value of 8192 characters.")
	case exists && !q.Overwrite:
		return nil, &wire.APIError{Code: "ParameterAlreadyExists",
			Message: "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."}
	case q.Type == "" && before.kind == "":
		return nil, invalid("A parameter type is required when you create a parameter.")
	}
	e := entry{value: q.Value, kind: q.Type}
	if !exists {
		e.tags = q.tags()
	}
	return map[string]any{"Version": s.put(q.Name, e), "Tier": tier}, nil
}

func (s *Store) getParameter(q request) (any, error) {
	if !names.MatchString(q.Name) {
		return nil, invalidName()
	}
	e, found := s.seen(q.Name)
	if !found {
		return nil, notFound()
	}
	return map[string]any{"Parameter": s.shape(q.Name, e)}, nil
}

func (s *Store) getParameters(q request) (any, error) {
	found, missing := []any{}, []string{}
	for _, name := range q.Names {
		if e, ok := s.seen(name); ok {
			found = append(found, s.shape(name, e))
		} else {
			missing = append(missing, name)
		}
	}
	return map[string]any{"Parameters": found, "InvalidParameters": missing}, nil
}

// getParametersByPath returns the parameters below a path, by name: 10 a page.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
func (s *Store) getParametersByPath(q request) (any, error) {
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(s.entries)) {
		rest, below := strings.CutPrefix(name, strings.TrimSuffix(q.Path, "/")+"/")
		e, found := s.seen(name)
		if found && below && (q.Recursive || !strings.Contains(rest, "/")) {
			list = append(list, s.shape(name, e))
		}
	}
	return s.page(q, list, 10), nil
}

// getParameterHistory returns the versions, oldest first: 50 a page.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
func (s *Store) getParameterHistory(q request) (any, error) {
	list := []any{}
	for _, e := range s.versions(q.Name) {
		one := s.shape(q.Name, e)
		delete(one, "ARN")
		one["LastModifiedUser"], one["Tier"], one["Labels"] = e.user, "Standard", []string{}
		list = append(list, one)
	}
	if len(list) == 0 {
		return nil, notFound()
	}
	return s.page(q, list, 50), nil
}

func (s *Store) deleteParameter(q request) (any, error) {
	if _, found := s.current(q.Name); !found {
		return nil, notFound()
	}
	s.remove(q.Name)
	return nil, nil
}

func (s *Store) shape(name string, e entry) map[string]any {
	return map[string]any{
		"Name": name, "ARN": s.arn(name), "Type": e.kind, "Value": e.value, "Version": e.version, "DataType": "text",
		"LastModifiedDate": wire.EpochSeconds(e.at),
	}
}

func (s *Store) page(q request, list []any, most int) map[string]any {
	size := s.account.PageSize(most)
	if q.MaxResults > 0 {
		size = min(size, q.MaxResults)
	}
	part, next := wire.Page(list, q.NextToken, size)
	answer := map[string]any{"Parameters": part}
	if next != "" {
		answer["NextToken"] = next
	}
	return answer
}
