package aws

import (
	"io"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"pr-stack/internal/fake/aws/acm"
	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/ecs"
	"pr-stack/internal/fake/aws/elb"
	"pr-stack/internal/fake/aws/lambda"
	"pr-stack/internal/fake/aws/logs"
	"pr-stack/internal/fake/aws/route53"
)

// Container is how one container behaves from the moment its task runs.
type Container = ecs.Container

// Exit is the end of a container.
type Exit = ecs.Exit

// Function is how the container of a function behaves from its start.
type Function = lambda.Container

// InitError is why the container of a function does not start.
type InitError = lambda.InitError

// Failure is a resource that does not do what CloudFormation asks of it.
type Failure = cloudformation.Failure

// FailResource makes the resource of that logical ID fail, in every stack of that name from now on.
// A name that ends in * means every stack whose name begins so, because the names of nested stacks
// end in random characters.
func (a *AWS) FailResource(stackName, logicalID string, f Failure) {
	a.stacks.FailResource(stackName, logicalID, f)
}

// FailHook makes a hook of the account reject a resource, in every stack of that name from now on.
func (a *AWS) FailHook(stackName, logicalID, hookType, reason string) {
	a.stacks.FailHook(stackName, logicalID, hookType, reason)
}

// FailValidation makes CloudFormation reject a resource before it begins with a stack of that name.
// The name is that of the validation, such as ResourceExistenceCheck.
func (a *AWS) FailValidation(stackName, logicalID, name, reason string) {
	a.stacks.FailValidation(stackName, logicalID, name, reason)
}

// PutTemplate stores a template under a URL, in place of S3, for the TemplateURL of a nested stack.
func (a *AWS) PutTemplate(url, body string) { a.stacks.PutTemplate(url, body) }

// PutParameter sets a parameter of Systems Manager's Parameter Store.
func (a *AWS) PutParameter(name, value string) { a.store.Put(name, value) }

// PutObject puts an object into a bucket, as an administrator would. Without such a bucket it does nothing.
func (a *AWS) PutObject(bucket, key, body string) {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	_ = a.objects.Put(bucket, key, body)
}

// ObjectKeys returns the keys of a bucket's objects, sorted.
func (a *AWS) ObjectKeys(bucket string) []string {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	return slices.Sorted(slices.Values(a.objects.Keys(bucket)))
}

// SetStatus puts a stack into a status, as an operation would that was begun elsewhere long ago,
// and records an event. Nothing goes on from there by itself.
func (a *AWS) SetStatus(stackName, status, reason string) {
	a.stacks.SetStatus(stackName, status, reason)
}

// Timeline writes the history of every stack of that name, one line an event: seconds since the
// stack's first event, resource, status, reason.
func (a *AWS) Timeline(w io.Writer, stackName string) { a.stacks.Timeline(w, stackName) }

// SetQuota changes the value of a quota of Service Quotas, by its service's code and its own.
func (a *AWS) SetQuota(service, code string, value float64) {
	a.account.Lock()
	defer a.account.Unlock()
	a.quotas.Set(service, code, value)
}

// SetLoadBalancingLimit changes one of Elastic Load Balancing's limits, such as
// application-load-balancers.
func (a *AWS) SetLoadBalancingLimit(name string, value int) {
	a.account.Lock()
	defer a.account.Unlock()
	a.elb.SetLimit(name, value)
}

// RegistryHost returns the host, and perhaps port, that image references begin with.
func (a *AWS) RegistryHost() string { return a.ecr.Host() }

// PushImage pushes an image as docker push would, with a login of its own, and returns its digest.
func (a *AWS) PushImage(repository, tag string, image v1.Image) (digest string, err error) {
	return a.ecr.Push(repository, tag, image)
}

// PushIndex is PushImage for an index, as a build for several platforms or with attestations makes it.
func (a *AWS) PushIndex(repository, tag string, index v1.ImageIndex) (digest string, err error) {
	return a.ecr.PushIndex(repository, tag, index)
}

// PullImage returns the image of a reference in the account's registry.
func (a *AWS) PullImage(reference string) (v1.Image, error) { return a.ecr.Pull(reference) }

// DeactivateVPCLinks makes the VPC links inactive, as after 60 days without a request.
func (a *AWS) DeactivateVPCLinks() {
	a.account.Lock()
	defer a.account.Unlock()
	a.account.Advance()
	a.apis.Deactivate()
}

// newFunctions returns a Lambda that load balancers and HTTP APIs call.
func (a *AWS) newFunctions(logGroups *logs.Logs, behavior lambda.Behavior) *lambda.Lambda {
	functions := lambda.New(a.account, lambda.Dependencies{ECR: a.ecr, Logs: logGroups}, behavior)
	a.elb.ConnectFunctions(elb.Functions{
		Handler:   functions.BehindLoadBalancer,
		Invocable: func(arn, group string) bool { return functions.Invocable(arn, lambda.LoadBalancing, group) },
	})
	a.apis.Function = functions.BehindAPI
	return functions
}

// HostedZone is a public hosted zone of Route 53.
type HostedZone = route53.Zone

// AddHostedZone adds a hosted zone, as somebody did long ago.
func (a *AWS) AddHostedZone(z HostedZone) { a.route53.AddZone(z) }

// Certificate is a certificate of Certificate Manager.
type Certificate = acm.Certificate

// AddCertificate adds a certificate, as somebody requested it long ago, and returns its ARN.
func (a *AWS) AddCertificate(c Certificate) (arn string) { return a.acm.Add(c) }

// Resolve returns the DNS name of the load balancer that a host name is an alias of, or "". Of weighted
// records, each call is one query.
func (a *AWS) Resolve(host string) string { return a.ResolveFor("", host) }

// ResolveFor does so for a client with a resolver of its own, which keeps answers as the options say.
func (a *AWS) ResolveFor(client, host string) string {
	target, _ := a.route53.Resolve(client, host)
	return target
}
