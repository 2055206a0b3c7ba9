package aws

import (
	"io"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/ecs"
)

// Container is how one container behaves from the moment its task runs.
type Container = ecs.Container

// Exit is the end of a container.
type Exit = ecs.Exit

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

// RegistryHost returns the host, and perhaps port, that image references begin with.
func (a *AWS) RegistryHost() string { return a.ecr.Host() }

// PushImage pushes an image as docker push would, with a login of its own, and returns its digest.
func (a *AWS) PushImage(repository, tag string, image v1.Image) (digest string, err error) {
	return a.ecr.Push(repository, tag, image)
}

// PullImage returns the image of a reference in the account's registry.
func (a *AWS) PullImage(reference string) (v1.Image, error) { return a.ecr.Pull(reference) }
