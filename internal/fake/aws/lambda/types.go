package lambda

import (
	"fmt"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// Not recorded for images: Lambda copies and optimizes one before the function is active. A function
// from an archive was created in 8 seconds (a deployment of tap-serverless) and updated in 1.
const (
	creation = 14 * time.Second
	change   = 9 * time.Second
)

// Types returns functions, their versions, aliases and permissions. A change of a property of Replaces needs a new
// resource: createOnlyProperties of AWS's schemas (pulumi-aws-native 43eed3b, 2026-08-07), which of a
// permission are all.
func (l *Lambda) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::Lambda::Function": {
			Create:   l.createFunction,
			Update:   l.updateFunction,
			Replaces: cloudformation.AnyChanged("FunctionName", "PackageType", "TenancyConfig"),
			Required: []string{"Code", "Role"},
			Taggable: true, Permissions: l.functionPermissions(),
			Retag: 2 * time.Second, // not recorded: two calls that are answered at once
			Delete: func(r *cloudformation.Resource, done func(error)) {
				if f := l.functions[r.PhysicalID]; f != nil {
					for _, v := range append(f.published, f.latest) {
						v.end()
					}
				}
				delete(l.functions, r.PhysicalID)
				l.account.After(2*time.Second, func() { done(nil) })
			},
		},
		"AWS::Lambda::Version": l.versionType(),
		"AWS::Lambda::Alias":   l.aliasType(),
		"AWS::Lambda::Permission": {
			Create:      l.createPermission,
			Replaces:    func(_, _ map[string]any) bool { return true },
			Required:    []string{"Action", "FunctionName", "Principal"},
			Permissions: l.permissionPermissions(),
			Delete: func(r *cloudformation.Resource, done func(error)) {
				if f, _ := l.function(property.Text(r.Properties["FunctionName"])); f != nil {
					delete(f.policy, r.PhysicalID)
				}
				l.account.After(time.Second, func() { done(nil) })
			},
		},
	}
}

func (l *Lambda) createFunction(r *cloudformation.Resource, done func(error)) {
	name := l.nameOf(r)
	f := &function{
		name: name, arn: l.arn(name), state: "Pending", update: "Successful",
		latest: &version{}, aliases: map[string]string{}, policy: map[string]statement{},
	}
	wanted := l.read(name, r.Properties)
	err := l.check(f.arn, &wanted)
	if err == nil && l.functions[name] != nil {
		err = l.refused(409, "AlreadyExists", "Function already exist: "+name)
	}
	if err != nil {
		l.account.After(time.Second, func() { done(err) })
		return
	}
	l.use(f, wanted)
	l.functions[name] = f
	r.PhysicalID = name
	r.Attributes["Arn"] = f.arn
	l.account.After(creation, func() {
		f.state = "Active"
		done(nil)
	})
}

// updateFunction changes the code and the configuration. Until that is done, the function answers as
// before. https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
func (l *Lambda) updateFunction(r *cloudformation.Resource, _ map[string]any, done func(error)) {
	f, wanted := l.functions[r.PhysicalID], l.read(r.PhysicalID, r.Properties)
	if f == nil {
		l.account.After(time.Second, func() {
			done(l.refused(404, "NotFound", "Function not found: "+l.arn(r.PhysicalID)))
		})
		return
	}
	if err := l.check(f.arn, &wanted); err != nil {
		l.account.After(time.Second, func() { done(err) })
		return
	}
	f.update = "InProgress"
	l.account.After(change, func() {
		if l.functions[r.PhysicalID] == f {
			f.update = "Successful"
			l.use(f, wanted)
		}
		done(nil)
	})
}

func (l *Lambda) arn(name string) string { return l.account.ARN("lambda", "function:"+name) }

// nameOf returns the name that a template gives to a function, or else CloudFormation.
func (l *Lambda) nameOf(r *cloudformation.Resource) string {
	if name := property.Text(r.Properties["FunctionName"]); name != "" {
		return name
	}
	return r.GeneratedName(l.account, 64)
}

// notFound is the API's answer for a function that does not exist.
func (l *Lambda) notFound(name string) error {
	return &wire.APIError{Status: 404, Code: "ResourceNotFoundException", Message: fmt.Sprintf("Function not found: %s", l.arn(name))}
}
