package lambda

import "strings"

// statement is a permission in a function's resource policy: a service may invoke the function.
type statement struct {
	action, principal, sourceARN, sourceAccount string
}

// Invocable reports whether a function's policy lets a service, such as
// elasticloadbalancing.amazonaws.com, invoke it for a resource of this account. The function is given by
// its ARN.
func (l *Lambda) Invocable(function, service, sourceARN string) bool {
	f := l.functions[functionName(function)]
	if f == nil {
		return false
	}
	for _, s := range f.policy {
		if s.action == "lambda:InvokeFunction" && s.principal == service &&
			(s.sourceAccount == "" || s.sourceAccount == l.account.ID) && (s.sourceARN == "" || like(s.sourceARN, sourceARN)) {
			return true
		}
	}
	return false
}

// like matches an ARN with a pattern, in which each * is any characters (the operator ArnLike).
func like(pattern, arn string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(arn, parts[0])
	for i, part := range parts[1:] {
		if i == len(parts)-2 {
			return ok && strings.HasSuffix(rest, part)
		}
		at := strings.Index(rest, part)
		if !ok || at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return ok && rest == ""
}
