package lambda

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// function is one function.
type function struct {
	name, arn string
	state     string // Pending, Active
	update    string // InProgress, Successful
	latest    *version
	published []*version           // oldest first
	newest    int                  // the number of the last one, also if it was deleted
	aliases   map[string]string    // the numbers of versions, by name
	policy    map[string]statement // by ID
}

// version is a version of a function, with its execution environment.
type version struct {
	number    string // $LATEST, 1, 2
	is        revision
	id        string // of the revision
	modified  time.Time
	container *Container // nil: there is no execution environment
	stream    string     // of its log
}

const latest = "$LATEST"

// at returns what a qualifier stands for: a number, the name of an alias, or nothing. It returns nil if
// there is no such version.
func (f *function) at(qualifier string) *version {
	if number, isAlias := f.aliases[qualifier]; isAlias {
		qualifier = number
	}
	if qualifier == "" || qualifier == latest {
		return f.latest
	}
	for _, v := range f.published {
		if v.number == qualifier {
			return v
		}
	}
	return nil
}

// revision is a function's code and configuration.
type revision struct {
	role, image, resolved string // resolved is the image by its digest
	environment           map[string]string
	timeout               time.Duration
	memory                int
	architecture          string
	logGroup              string
}

// read returns the revision that a template's properties ask for. The defaults are Lambda's.
func (l *Lambda) read(name string, p map[string]any) revision {
	r := revision{
		role: property.Text(p["Role"]), image: property.Text(property.Object(p["Code"])["ImageUri"]),
		timeout: property.Seconds(p["Timeout"], 3), memory: property.Number(p["MemorySize"], 128),
		architecture: "x86_64", logGroup: "/aws/lambda/" + name, environment: map[string]string{},
	}
	if list := property.Texts(p["Architectures"]); len(list) > 0 {
		r.architecture = list[0]
	}
	if group := property.Text(property.Object(p["LoggingConfig"])["LogGroup"]); group != "" {
		r.logGroup = group
	}
	for key, value := range property.Object(property.Object(p["Environment"])["Variables"]) {
		r.environment[key] = property.Text(value)
	}
	return r
}

// check returns why Lambda refuses a revision. The messages are those of real accounts: a role that
// cannot be assumed (sst#2848), an image that is not in the account's registry
// (bedrock-access-gateway#205), a repository without the policy (bedrock-access-gateway#127), and an
// index, also one with attestations (aws-lambda-roadmap#82). The one about an image that does not exist is
// the developer guide's.
func (l *Lambda) check(arn string, r *revision) error {
	if assume := l.account.ServiceRole; assume != nil {
		if _, err := assume(r.role, "lambda.amazonaws.com"); err != nil {
			return l.refused(400, "InvalidRequest", "The role defined for the function cannot be assumed by Lambda.")
		}
	}
	if !strings.HasPrefix(r.image, l.ECR.Host()+"/") {
		return l.refused(400, "InvalidRequest", fmt.Sprintf("Source image %s is not valid. Provide a valid source image.", r.image))
	}
	if !l.ECR.ServiceMayPull("lambda.amazonaws.com", arn, r.image) {
		return l.refused(403, "AccessDenied", "Lambda does not have permission to access the ECR image. Check the ECR permissions.")
	}
	digest, found := l.ECR.Digest(r.image)
	if !found {
		return l.refused(400, "InvalidRequest", fmt.Sprintf("Source image %s does not exist. Provide a valid source image.", r.image))
	}
	if kind := l.ECR.MediaType(r.image); strings.Contains(kind, "manifest.list") || strings.Contains(kind, "image.index") {
		return l.refused(400, "InvalidRequest", fmt.Sprintf(
			"The image manifest, config or layer media type for the source image %s is not supported.", r.image))
	}
	repository, _, _ := strings.Cut(r.image, "@")
	if slash := strings.LastIndex(repository, "/"); strings.Contains(repository[slash:], ":") {
		repository = repository[:strings.LastIndex(repository, ":")]
	}
	r.resolved = repository + "@" + digest
	return nil
}

// refused is an answer of Lambda's API as CloudFormation's handler passes it on.
func (l *Lambda) refused(status int, code, message string) error {
	return cloudformation.HandlerError(l.account, fmt.Sprintf("%s (Service: Lambda, Status Code: %d, Request ID: %s) (SDK Attempt Count: 1)",
		message, status, l.account.UUID()), code)
}

// use makes a revision the one that answers from now on.
func (l *Lambda) use(f *function, r revision) {
	f.latest.end()
	f.latest = &version{number: latest, is: r, modified: l.account.Now(), id: l.account.UUID()}
}

// end ends the execution environment.
func (v *version) end() {
	if v.container != nil && v.container.Stop != nil {
		v.container.Stop()
	}
	v.container = nil
}
