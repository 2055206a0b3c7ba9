package image_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/image"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

const tag = "pr-7.0123456789ab.01234567"

// inStore runs a test on an account with a repository called hello.
func inStore(t *testing.T, test func(t *testing.T, account *fakeaws.AWS, s image.Store, log *bytes.Buffer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		account := fakeaws.New(fakeaws.Options{})
		s := image.Store{
			API: ecr.NewFromConfig(account.Config()), Name: "hello", Transport: account,
			Log: runner.New(&log, []string{"GITHUB_ACTIONS=true"}),
		}
		if _, err := s.API.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &s.Name}); err != nil {
			t.Fatal(err)
		}
		test(t, account, s, &log)
	})
}

func resolve(ctx context.Context, s image.Store, known image.Ref, source image.Source) (ref image.Ref, note string, err error) {
	var times timeline.Recorder
	ref, err = timeline.Run(&times, "Image", "image", func(part *timeline.Part) (image.Ref, error) {
		return s.Resolve(ctx, part, known, tag, source)
	})
	return ref, times.Phases()[0].Note, err
}

func TestResolve_uses_an_image_that_is_known_and_is_in_this_repository(t *testing.T) {
	inStore(t, func(t *testing.T, account *fakeaws.AWS, s image.Store, _ *bytes.Buffer) {
		content, err := random.Image(16, 1)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := account.PushImage("hello", tag, content) // and another push took the tag since
		if err != nil {
			t.Fatal(err)
		}
		uri := account.RegistryHost() + "/hello"
		built := "sha256:" + strings.Repeat("b", 64)
		build := func(context.Context, image.Store, *timeline.Part, string) (string, error) { return built, nil }
		for name, test := range map[string]struct {
			known        image.Ref
			digest, note string
		}{
			"known":                            {image.Ref{Name: uri, Digest: digest}, digest, "used again"},
			"not known, although it is tagged": {image.Ref{}, built, "pushed " + tag},
			"in another repository":            {image.Ref{Name: account.RegistryHost() + "/other", Digest: digest}, built, "pushed " + tag},
			"by a tag":                         {image.Ref{Name: uri + ":" + tag}, built, "pushed " + tag},
			"without a digest":                 {image.Ref{Name: uri}, built, "pushed " + tag},
			"deleted":                          {image.Ref{Name: uri, Digest: "sha256:" + strings.Repeat("0", 64)}, built, "pushed " + tag},
		} {
			ref, note, err := resolve(t.Context(), s, test.known, build)
			if want := (image.Ref{Name: uri, Digest: test.digest}); err != nil || ref != want || note != test.note {
				t.Errorf("%s: Resolve = %s, %v, noted as %q, want %s, noted as %q", name, ref, err, note, want, test.note)
			}
		}
	})
}

func TestResolve_pushes_an_archive_and_masks_the_password(t *testing.T) {
	inStore(t, func(t *testing.T, account *fakeaws.AWS, s image.Store, log *bytes.Buffer) {
		content, err := random.Image(16, 1)
		if err != nil {
			t.Fatal(err)
		}
		path := t.TempDir() + "/image.tar"
		if err := tarball.WriteToFile(path, name.MustParseReference("image"), content); err != nil {
			t.Fatal(err)
		}
		registry := &passwords{next: account, log: log}
		s.Transport = registry
		ref, note, err := resolve(t.Context(), s, image.Ref{}, image.Archive(path))
		if err != nil || !strings.HasPrefix(ref.Digest, "sha256:") || note != "pushed "+tag {
			t.Fatalf("Resolve = %s, %v, noted as %q, want it pushed", ref, err, note)
		}
		if again, note, err := resolve(t.Context(), s, ref, nil); err != nil || again != ref || note != "used again" {
			t.Errorf("Resolve = %s, %v, noted as %q, want the same image, used again", again, err, note)
		}
		if registry.masked == 0 || registry.unmasked != 0 {
			t.Errorf("%d requests had a password that was masked before, and %d another, want all masked; the log is %q",
				registry.masked, registry.unmasked, log)
		}
		if deleted, err := s.Delete(t.Context(), func(found string) bool { return found == tag }); deleted != 1 || err != nil {
			t.Errorf("Delete = %d, %v, want 1", deleted, err)
		}
	})
}

// passwords counts requests by whether their password was masked before it was sent. An archive's
// layers are pushed side by side.
type passwords struct {
	next http.RoundTripper
	log  *bytes.Buffer

	mu               sync.Mutex
	masked, unmasked int
}

func (p *passwords) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, password, ok := r.BasicAuth(); ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		if strings.Contains(p.log.String(), "::add-mask::"+password+"\n") {
			p.masked++
		} else {
			p.unmasked++
		}
	}
	return p.next.RoundTrip(r)
}

func TestResolve_fails_with_its_source(t *testing.T) {
	inStore(t, func(t *testing.T, _ *fakeaws.AWS, s image.Store, _ *bytes.Buffer) {
		broken := errors.New("RUN exited with 1")
		_, note, err := resolve(t.Context(), s, image.Ref{}, func(context.Context, image.Store, *timeline.Part, string) (string, error) {
			return "", broken
		})
		if !errors.Is(err, broken) || note != timeline.Failed {
			t.Errorf("Resolve = %v, noted as %q, want the source's error", err, note)
		}
	})
}

func TestParse(t *testing.T) {
	for written, want := range map[string]image.Ref{
		"nginx":            {Name: "nginx"},
		"r/app:1":          {Name: "r/app:1"},
		"r/app@sha256:0":   {Name: "r/app", Digest: "sha256:0"},
		"r/app:1@sha256:0": {Name: "r/app:1", Digest: "sha256:0"},
	} {
		if got := image.Parse(written); got != want || got.String() != written {
			t.Errorf("Parse(%q) = %+v, written as %q, want %+v", written, got, got, want)
		}
	}
}

// The password of this account's registry is for that registry alone.
func TestArchitectures_sends_the_password_to_this_accounts_registry_alone(t *testing.T) {
	inStore(t, func(t *testing.T, account *fakeaws.AWS, s image.Store, log *bytes.Buffer) {
		content, err := random.Image(16, 1)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := account.PushImage("hello", tag, content)
		if err != nil {
			t.Fatal(err)
		}
		registry := &passwords{next: account, log: log}
		s.Transport = registry
		if _, err := s.Architectures(t.Context(), image.Ref{Name: account.RegistryHost() + "/hello", Digest: digest}); err != nil || registry.masked == 0 {
			t.Errorf("Architectures = %v after %d requests with the password, want some", err, registry.masked)
		}
		registry.masked = 0
		_, _ = s.Architectures(t.Context(), image.Ref{Name: "registry.example.com/hello", Digest: digest})
		if registry.masked+registry.unmasked != 0 {
			t.Error("another registry got the password")
		}
	})
}
