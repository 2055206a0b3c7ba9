package environment

import "regexp"

// inParameters matches what the name of a parameter in the Parameter Store may have between two slashes.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
var inParameters = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// ParameterPath returns the path below which an environment's parameters are in the Parameter Store, without
// a slash at its end: /pr-stack/SERVICE/NAME. If one of the two has other characters than the names of
// parameters, it is /pr-stack/STACK, since a slash in a service would lead below the path of another.
func ParameterPath(service, name string) string {
	if inParameters.MatchString(service) && inParameters.MatchString(name) {
		return "/pr-stack/" + service + "/" + name
	}
	return "/pr-stack/" + StackName(service, name)
}
