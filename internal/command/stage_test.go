package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"pr-stack/internal/command"
	fakeaws "pr-stack/internal/fake/aws"
	fakegithub "pr-stack/internal/fake/github"
)

const (
	oneCommit     = "0123456789abcdef0123456789abcdef01234567"
	anotherCommit = "89abcdef0123456789abcdef0123456789abcdef"
)

// stage is one AWS account and one repository on GitHub, with pull request 7, on which the action is run as the runner
// runs it, without Docker. It lives in a bubble.
type stage struct {
	t       *testing.T
	account *fakeaws.AWS
	github  *fakegithub.GitHub
	dir     string
	jobs    int
	built   map[string]v1.Image // by tag
	held    string              // name of the base stack's repository
	inputs  []string            // NAME=VALUE, for the runs that follow

	mu      sync.Mutex
	strikes func(fakeaws.Container) fakeaws.Container // what becomes of a container that is well
}

// strike has containers that start from now on misbehave; nil lets them be well.
func (s *stage) strike(how func(fakeaws.Container) fakeaws.Container) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.strikes = how
}

// newStage is an account with the base stack of hello-world.
func newStage(t *testing.T, options fakeaws.Options) *stage {
	t.Helper()
	s := &stage{t: t, dir: t.TempDir(), github: fakegithub.New("octo-org/hello-world"), built: map[string]v1.Image{}, inputs: []string{"INPUT_AWS-REGION=eu-north-1"}}
	options.Container = func(image string, _ map[string]string) fakeaws.Container {
		c := fakeaws.Container{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, image) })}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.strikes != nil {
			c = s.strikes(c)
		}
		return c
	}
	s.account = fakeaws.New(options)
	if err := os.WriteFile(filepath.Join(s.dir, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if job := s.run("opened", oneCommit, "INPUT_COMMAND=bootstrap"); job.code != 0 {
		t.Fatalf("bootstrap ended with exit code %d:\n%s", job.code, job.log())
	}
	return s
}

// job is one run of the action.
type job struct {
	stage *stage
	dir   string
	out   bytes.Buffer
	code  int
	done  chan struct{}
	stop  context.CancelCauseFunc
	cut   atomic.Bool // nothing that it sends arrives any more
}

// run runs the action for an event of pull request 7 and waits for its end.
func (s *stage) run(action, commit string, inputs ...string) *job {
	s.t.Helper()
	j := s.start(action, commit, inputs...)
	<-j.done
	return j
}

// start runs the action beside what else happens.
func (s *stage) start(action, commit string, inputs ...string) *job {
	s.t.Helper()
	s.jobs++
	j := &job{stage: s, dir: filepath.Join(s.dir, fmt.Sprint("job-", s.jobs)), done: make(chan struct{})}
	if err := os.Mkdir(j.dir, 0o755); err != nil {
		s.t.Fatal(err)
	}
	event := filepath.Join(j.dir, "event.json")
	if err := os.WriteFile(event, payload(s.t, action, commit), 0o600); err != nil {
		s.t.Fatal(err)
	}
	environ := append([]string{
		"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=octo-org/hello-world", "GITHUB_WORKSPACE=" + s.dir,
		"GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH=" + event,
		"GITHUB_OUTPUT=" + filepath.Join(j.dir, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(j.dir, "summary.md"),
		"DOCKER_HOST=unix://" + filepath.Join(s.dir, "no-docker.sock"),
	}, append(s.inputs, inputs...)...)
	var ctx context.Context
	ctx, j.stop = context.WithCancelCause(context.Background())
	go func() {
		defer close(j.done)
		j.code = command.Main(ctx, command.Process{
			Environ: environ, Dir: s.dir, Stdout: &j.out, HTTP: &wire{j, s.account}, GitHub: &wire{j, s.github},
			AWS: func(context.Context, string) (aws.Config, error) {
				sdk := s.account.Config()
				sdk.HTTPClient = &wire{j, s.account}
				return sdk, nil
			},
		})
		j.stop(nil)
	}()
	return j
}

// kill ends the job as the loss of its machine would: from one moment to the next, and without a word.
func (j *job) kill() {
	j.cut.Store(true)
	j.stop(errors.New("killed"))
	<-j.done
}

// wire is what a job reaches the world by.
type wire struct {
	job  *job
	next http.RoundTripper
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.job.cut.Load() {
		return nil, errors.New("the machine is gone")
	}
	return w.next.RoundTrip(r)
}

func (w *wire) Do(r *http.Request) (*http.Response, error) { return w.RoundTrip(r) }

func (j *job) log() string     { return j.out.String() }
func (j *job) summary() string { return j.file("summary.md") }

func (j *job) file(name string) string {
	text, err := os.ReadFile(filepath.Join(j.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		j.stage.t.Error(err)
	}
	return string(text)
}

// output is the value of one output, "" if it was not set.
func (j *job) output(name string) string {
	lines := strings.Split(j.file("output"), "\n")
	value := ""
	for i, line := range lines {
		if found, _, ok := strings.Cut(line, "<<"); ok && found == name && i+1 < len(lines) {
			value = lines[i+1]
		}
	}
	return value
}

// payloads are read once: thousands of histories need them.
var payloads sync.Map

// payload is the event of pull request 7 with a commit as its head.
func payload(t *testing.T, action, commit string) []byte {
	t.Helper()
	key := action + " " + commit
	if text, ok := payloads.Load(key); ok {
		return text.([]byte)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "event", "pull_request."+action+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	fields["pull_request"].(map[string]any)["head"].(map[string]any)["sha"] = commit
	if text, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	payloads.Store(key, text)
	return text
}

// push puts a commit's image where the action looks for it, so that nothing is built.
func (s *stage) push(commit string) {
	s.t.Helper()
	s.pushAs("pr-7-" + commit[:12])
}

// pushAs pushes an image with a tag to the base stack's repository, the same each time.
func (s *stage) pushAs(tag string) (digest string) {
	s.t.Helper()
	image, ok := s.built[tag]
	if !ok {
		var err error
		if image, err = random.Image(64, 1); err != nil {
			s.t.Fatal(err)
		}
		s.built[tag] = image
	}
	digest, err := s.account.PushImage(s.repository(), tag, image)
	if err != nil {
		s.t.Fatal(err)
	}
	return digest
}

// repository is the base stack's.
func (s *stage) repository() string {
	s.t.Helper()
	if s.held != "" {
		return s.held
	}
	name := "hello-world-base"
	answer, err := cloudformation.NewFromConfig(s.account.Config()).DescribeStacks(s.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, o := range answer.Stacks[0].Outputs {
		if *o.OutputKey == "RepositoryName" {
			s.held = *o.OutputValue
			return s.held
		}
	}
	s.t.Fatal("the base stack has no repository")
	return ""
}

// stack is the environment's, its zero value if there is none.
func (s *stage) stack() (status string, tags map[string]string) {
	s.t.Helper()
	name := "hello-world-pr-7"
	answer, err := cloudformation.NewFromConfig(s.account.Config()).DescribeStacks(s.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		return "", nil
	}
	tags = map[string]string{}
	for _, tag := range answer.Stacks[0].Tags {
		tags[*tag.Key] = *tag.Value
	}
	return string(answer.Stacks[0].StackStatus), tags
}

// imageTags are those of the images in the base stack's repository.
func (s *stage) imageTags() []string {
	s.t.Helper()
	var tags []string
	name := s.repository()
	pages := ecr.NewListImagesPaginator(ecr.NewFromConfig(s.account.Config()), &ecr.ListImagesInput{RepositoryName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		for _, id := range page.ImageIds {
			if id.ImageTag != nil {
				tags = append(tags, *id.ImageTag)
			}
		}
	}
	return tags
}
