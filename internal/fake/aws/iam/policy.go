// Package iam reads IAM's policies and evaluates them, as IAM documents its JSON policies:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
//
// What it does not know (an element, an operator, a condition key, a policy variable) is an error
// when a policy is read. It is never ignored, because then a policy would allow or deny here what it
// does not on AWS.
package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Policy is an identity-based policy.
type Policy struct {
	statements []statement
}

// statement is one statement of a policy. Lists of actions and resources are alternatives.
type statement struct {
	deny                    bool
	actions, notActions     []string
	resources, notResources []string
	principals              map[string][]string // of a trust policy, by kind: AWS, Service, Federated
	conditions              []condition
}

// document is a policy as it is written.
type document struct {
	Version   string
	ID        string `json:"Id"`
	Statement json.RawMessage
}

type written struct {
	Sid, Effect string
	Principal   json.RawMessage
	Action      texts
	NotAction   texts
	Resource    texts
	NotResource texts
	Condition   map[string]map[string]texts
}

// texts is one text or a list of texts. In conditions, true and false need no quotes.
type texts []string

// UnmarshalJSON reads the text or the list.
func (t *texts) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(data, &list); err != nil {
			return err
		}
		*t = texts{}
		for _, item := range list {
			var one texts
			if err := one.UnmarshalJSON(item); err != nil || len(one) != 1 {
				return fmt.Errorf("%s is not a text", item)
			}
			*t = append(*t, one...)
		}
		return nil
	}
	if s := string(data); s == "true" || s == "false" {
		*t = texts{s}
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*t = texts{s}
	return nil
}

// Parse reads an identity-based policy.
func Parse(text string) (*Policy, error) {
	list, err := read(text)
	if err != nil {
		return nil, err
	}
	p := &Policy{}
	for _, w := range list {
		if w.Principal != nil {
			return nil, fmt.Errorf("an identity-based policy has no Principal")
		}
		if (w.Resource == nil) == (w.NotResource == nil) {
			return nil, fmt.Errorf("a statement has either Resource or NotResource")
		}
		s, err := w.statement()
		if err != nil {
			return nil, err
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

// read returns the statements of a policy.
func read(text string) ([]written, error) {
	var d document
	if err := strictly([]byte(text), &d); err != nil {
		return nil, err
	}
	if d.Version != "2012-10-17" && d.Version != "2008-10-17" {
		return nil, fmt.Errorf("the policy's Version is %q, want 2012-10-17 or 2008-10-17", d.Version)
	}
	var list []written
	if body := bytes.TrimSpace(d.Statement); len(body) > 0 && body[0] == '{' {
		list = make([]written, 1)
		return list, strictly(body, &list[0])
	}
	if err := strictly(d.Statement, &list); err != nil {
		return nil, fmt.Errorf("Statement: %w", err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the policy has no Statement")
	}
	return list, nil
}

// strictly decodes JSON. An unknown field, a field that is there twice, and text after the JSON are
// errors.
func strictly(data []byte, into any) error {
	if err := checkTwice(data); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("text follows the policy")
	}
	return nil
}

func (w written) statement() (statement, error) {
	s := statement{
		deny: w.Effect == "Deny", actions: w.Action, notActions: w.NotAction,
		resources: w.Resource, notResources: w.NotResource,
	}
	if w.Effect != "Allow" && w.Effect != "Deny" {
		return s, fmt.Errorf("a statement's Effect is %q, want Allow or Deny", w.Effect)
	}
	if (w.Action == nil) == (w.NotAction == nil) {
		return s, fmt.Errorf("a statement has either Action or NotAction")
	}
	for _, list := range []texts{w.Action, w.NotAction} {
		if err := checkEach(list, validAction, "action"); err != nil {
			return s, err
		}
	}
	for _, list := range []texts{w.Resource, w.NotResource} {
		if err := checkEach(list, validResource, "resource"); err != nil {
			return s, err
		}
	}
	var err error
	s.conditions, err = parseConditions(w.Condition)
	return s, err
}

// A resource is * or an ARN. An ARN may end early, since its last wildcard also matches colons.
var (
	validAction   = regexp.MustCompile(`^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$`)
	validResource = regexp.MustCompile(`^(\*|arn:[^:]*:[^:]+:.*)$`)
)

func checkEach(list texts, valid *regexp.Regexp, kind string) error {
	if list != nil && len(list) == 0 {
		return fmt.Errorf("a list of a statement's %ss is empty", kind)
	}
	for _, text := range list {
		if !valid.MatchString(text) {
			return fmt.Errorf("%q is not a valid %s", text, kind)
		}
		if err := checkVariables(text); err != nil {
			return err
		}
	}
	return nil
}

func checkVariables(text string) error {
	if strings.Contains(text, "${") {
		return fmt.Errorf("%q has a policy variable, which the fake does not know", text)
	}
	return nil
}
