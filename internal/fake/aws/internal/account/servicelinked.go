package account

// serviceLinked are the names of the roles that services create for themselves, by the service.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-service-linked-roles.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles-for-clusters.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
var serviceLinked = map[string]string{
	"elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
	"ecs.amazonaws.com":                  "AWSServiceRoleForECS",
	"ops.apigateway.amazonaws.com":       "AWSServiceRoleForAPIGateway",
}

// EnsureServiceLinkedRole creates the role that a service, such as ecs.amazonaws.com, uses in the
// account, unless it exists. A service does so at the first call that needs the role, with the
// caller's rights. Without them it returns a *Denied.
func (a *Account) EnsureServiceLinkedRole(caller *Principal, service string) error {
	name, known := serviceLinked[service]
	if !known {
		panic("the fake does not know the service-linked role of " + service)
	}
	if a.HasServiceLinkedRole(service) {
		return nil
	}
	err := caller.Check(Access{
		Action:   "iam:CreateServiceLinkedRole",
		Resource: "arn:aws:iam::" + a.ID + ":role/aws-service-role/" + service + "/" + name,
		Context:  map[string]string{"iam:AWSServiceName": service},
	})
	if err != nil {
		return err
	}
	if a.linked == nil {
		a.linked = map[string]bool{}
	}
	a.linked[service] = true
	return nil
}

// HasServiceLinkedRole reports whether the service has its role in the account. A new account has
// none.
func (a *Account) HasServiceLinkedRole(service string) bool { return a.linked[service] }
