package command

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/github"
	"pr-stack/internal/hint"
	"pr-stack/internal/s3"
	"pr-stack/internal/template"
)

// serviceTemplate returns the template of the service stack. One that is too large for a call is stored in
// the base stack's bucket.
func serviceTemplate(ctx context.Context, job config.Deploy, base map[string]string, with deployClients) (cfn.Template, error) {
	body, err := readTemplate(ctx, job, with.github)
	if err != nil || len(body) <= template.MaxSize {
		return cfn.Template{Body: body}, err
	}
	url, err := store(ctx, job, body, s3.Bucket{Config: with.aws, Name: base[template.BucketOutput]})
	return cfn.Template{Body: body, URL: url}, err
}

// store puts a template into the base stack's bucket. Its key begins with the stack's name, on which the
// roles' policies depend: the preview role cannot replace a template of production. The key ends with a
// digest, so that no other run replaces it with another template.
func store(ctx context.Context, job config.Deploy, body string, bucket s3.Bucket) (url string, err error) {
	const advice = "run command: bootstrap again, which adds a bucket for larger templates to the base stack"
	if bucket.Name == "" {
		return "", hint.New(advice, "template %s has %d bytes, and CloudFormation accepts at most %d in a call: "+
			"base stack %s has no bucket for larger ones", job.Template.Path, len(body), template.MaxSize, job.BaseStack)
	}
	key := fmt.Sprintf("%s/%x.template", job.StackName, sha256.Sum256([]byte(body)))
	url, err = bucket.Put(ctx, key, body)
	if errors.Is(err, s3.ErrNoBucket) {
		err = &hint.Error{Message: "template " + job.Template.Path + ": bucket " + bucket.Name + " of base stack " + job.BaseStack + " does not exist any more",
			Hint: "create a bucket of that name in the region of the base stack, which CloudFormation does not do again", Cause: err}
	}
	return url, err
}

// readTemplate returns the body of the service stack's template. One that lies beside a stranger's
// artifact is read from GitHub, at a commit of this repository.
func readTemplate(ctx context.Context, job config.Deploy, gh *github.Client) (string, error) {
	switch t := job.Template; {
	case t.Path == "":
		return template.ByName(t.Name), nil
	case t.Ref == "":
		return template.ReadFile(t.Path)
	case gh == nil:
		return "", hint.New("set github-token",
			"read template %s at commit %.12s: there is no token to ask GitHub with", t.Path, t.Ref)
	default:
		body, err := gh.File(ctx, t.Path, t.Ref)
		if err != nil {
			return "", err
		}
		return body, template.CheckSize(t.Path, int64(len(body)))
	}
}
