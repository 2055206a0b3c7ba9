package lambda

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// versionType is AWS::Lambda::Version. It is never updated: a change of any property publishes another
// version (createOnlyProperties of the schema of 2026-08-07, which are all).
func (l *Lambda) versionType() cloudformation.Type {
	return cloudformation.Type{
		Create: l.publish, Required: []string{"FunctionName"}, Permissions: l.versionPermissions(),
		Replaces: func(_, _ map[string]any) bool { return true },
		Delete: func(r *cloudformation.Resource, done func(error)) {
			if f, number := l.function(r.PhysicalID); f != nil {
				f.published = slices.DeleteFunc(f.published, func(v *version) bool { return v.number == number })
			}
			l.account.After(time.Second, func() { done(nil) })
		},
	}
}

// publish publishes a version of a function as it is. Without a change since the last version, Lambda
// publishes none, and the handler fails (serverless#7822).
func (l *Lambda) publish(r *cloudformation.Resource, done func(error)) {
	f, _ := l.function(property.Text(r.Properties["FunctionName"]))
	if f == nil {
		l.missing(property.Text(r.Properties["FunctionName"]), done)
		return
	}
	f.newest++
	if n := len(f.published); n > 0 && f.published[n-1].id == f.latest.id {
		f.newest--
		message := fmt.Sprintf("A version for this Lambda function exists ( %s ). Modify the function to create a new version.", f.published[n-1].number)
		l.account.After(time.Second, func() { done(cloudformation.HandlerError(l.account, message, "AlreadyExists")) })
		return
	}
	v := &version{number: strconv.Itoa(f.newest), is: f.latest.is, id: f.latest.id, modified: l.account.Now()}
	f.published = append(f.published, v)
	r.PhysicalID = f.arn + ":" + v.number
	r.Attributes["Version"], r.Attributes["FunctionArn"] = v.number, r.PhysicalID
	l.account.After(time.Second, func() { done(nil) })
}

// aliasType is AWS::Lambda::Alias.
func (l *Lambda) aliasType() cloudformation.Type {
	set := func(r *cloudformation.Resource, done func(error)) {
		f, _ := l.function(property.Text(r.Properties["FunctionName"]))
		if f == nil || f.at(property.Text(r.Properties["FunctionVersion"])) == nil {
			l.missing(property.Text(r.Properties["FunctionName"]), done)
			return
		}
		name := property.Text(r.Properties["Name"])
		f.aliases[name] = property.Text(r.Properties["FunctionVersion"])
		r.PhysicalID = f.arn + ":" + name
		r.Attributes["AliasArn"] = r.PhysicalID
		l.account.After(time.Second, func() { done(nil) })
	}
	return cloudformation.Type{
		Create:   set,
		Update:   func(r *cloudformation.Resource, _ map[string]any, done func(error)) { set(r, done) },
		Replaces: cloudformation.AnyChanged("Name", "FunctionName"),
		Required: []string{"FunctionName", "FunctionVersion", "Name"}, Permissions: l.aliasPermissions(),
		Delete: func(r *cloudformation.Resource, done func(error)) {
			if f, name := l.function(r.PhysicalID); f != nil {
				delete(f.aliases, name)
			}
			l.account.After(time.Second, func() { done(nil) })
		},
	}
}

// missing fails an operation on something of a function that does not exist.
func (l *Lambda) missing(nameOrARN string, done func(error)) {
	name, _ := split(nameOrARN)
	l.account.After(time.Second, func() { done(l.refused(404, "NotFound", "Function not found: "+l.arn(name))) })
}
