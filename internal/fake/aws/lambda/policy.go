package lambda

import (
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// statement is a permission in the resource policy of a function, or of one of its versions or aliases: a
// service may invoke it.
type statement struct {
	qualifier                                   string
	action, principal, sourceARN, sourceAccount string
}

// function returns the function of a name or an ARN, or nil, and the qualifier in it.
func (l *Lambda) function(nameOrARN string) (f *function, qualifier string) {
	name, qualifier := split(nameOrARN)
	return l.functions[name], qualifier
}

// split returns the name and the qualifier in NAME, NAME:QUALIFIER, or an ARN with either.
func split(nameOrARN string) (name, qualifier string) {
	if strings.HasPrefix(nameOrARN, "arn:") {
		parts := strings.SplitN(nameOrARN, ":", 7)
		nameOrARN = parts[len(parts)-1]
	}
	name, qualifier, _ = strings.Cut(nameOrARN, ":")
	return name, qualifier
}

func (l *Lambda) createPermission(r *cloudformation.Resource, done func(error)) {
	p := r.Properties
	f, qualifier := l.function(property.Text(p["FunctionName"]))
	if f == nil || f.at(qualifier) == nil {
		l.missing(property.Text(p["FunctionName"]), done)
		return
	}
	r.PhysicalID = r.GeneratedName(l.account, 100)
	r.Attributes["Id"] = r.PhysicalID
	f.policy[r.PhysicalID] = statement{
		qualifier: qualifier, action: property.Text(p["Action"]), principal: property.Text(p["Principal"]),
		sourceARN: property.Text(p["SourceArn"]), sourceAccount: property.Text(p["SourceAccount"]),
	}
	l.account.After(2*time.Second, func() { done(nil) })
}

// Invocable reports whether the policy of a function, or of a version or an alias, lets a service, such as
// elasticloadbalancing.amazonaws.com, invoke it for a resource of this account. It is given by its ARN.
func (l *Lambda) Invocable(arn, service, sourceARN string) bool {
	f, qualifier := l.function(arn)
	if f == nil {
		return false
	}
	for _, s := range f.policy {
		if s.qualifier == qualifier && s.action == "lambda:InvokeFunction" && s.principal == service &&
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
