package ssm_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/ssm"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/ssm"
)

// inStore runs a test on a parameter that does not exist yet.
func inStore(t *testing.T, o fakeaws.Options, test func(t *testing.T, a *fakeaws.AWS, p ssm.Parameter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := fakeaws.New(o)
		test(t, a, ssm.Parameter{API: sdk.NewFromConfig(a.Config()), Name: "/hello/production/ledger"})
	})
}

// wants checks what a read returns; version 0 means that the parameter is not found.
func wants(t *testing.T, p ssm.Parameter, value string, version int64) {
	t.Helper()
	got, number, found, err := p.Read(t.Context())
	if err != nil || got != value || number != version || found != (version > 0) {
		t.Errorf("Read = %q, %d, %v, %v, want %q, version %d", got, number, found, err, value, version)
	}
}

func TestParameter(t *testing.T) {
	inStore(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, p ssm.Parameter) {
		wants(t, p, "", 0)
		if version, err := p.Write(t.Context(), "one"); err != nil || version != 1 {
			t.Errorf("Write = %d, %v, want version 1", version, err)
		}
		if version, err := p.Write(t.Context(), "two"); err != nil || version != 2 {
			t.Errorf("Write = %d, %v, want version 2", version, err)
		}
		wants(t, p, "two", 2)
		for range 2 {
			if err := p.Delete(t.Context()); err != nil {
				t.Errorf("Delete = %v", err)
			}
		}
		wants(t, p, "", 0)
	})
}

func TestCreate_does_not_replace(t *testing.T) {
	inStore(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, p ssm.Parameter) {
		if err := p.Create(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		if err := p.Create(t.Context(), "two"); !errors.Is(err, ssm.ErrExists) {
			t.Errorf("Create = %v, want ErrExists", err)
		}
		wants(t, p, "one", 1)
	})
}

// Several runs may create the lock at the same time.
func TestCreate_succeeds_once(t *testing.T) {
	inStore(t, fakeaws.Options{}, func(t *testing.T, _ *fakeaws.AWS, p ssm.Parameter) {
		results := make(chan error, 5)
		for range 5 {
			go func() { results <- p.Create(t.Context(), "one") }()
		}
		created := 0
		for range 5 {
			switch err := <-results; {
			case err == nil:
				created++
			case !errors.Is(err, ssm.ErrExists):
				t.Errorf("Create = %v, want ErrExists", err)
			}
		}
		if created != 1 {
			t.Errorf("%d calls created the parameter, want one", created)
		}
	})
}

// A lost answer makes the SDK call again, so that Create sees its own value.
func TestCreate_whose_answer_is_lost(t *testing.T) {
	inStore(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, p ssm.Parameter) {
		a.Inject(fakeaws.Fault{Operation: "PutParameter", Lost: true, Times: 1})
		if err := p.Create(t.Context(), "mine"); !errors.Is(err, ssm.ErrExists) {
			t.Errorf("Create = %v, want ErrExists", err)
		}
		wants(t, p, "mine", 1)
	})
}

func TestRead_may_be_stale(t *testing.T) {
	stale := 2 * time.Second
	inStore(t, fakeaws.Options{ParameterStaleness: func() time.Duration { return stale }}, func(t *testing.T, _ *fakeaws.AWS, p ssm.Parameter) {
		if _, err := p.Write(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		wants(t, p, "", 0)
		<-time.After(stale)
		if _, err := p.Write(t.Context(), "two"); err != nil {
			t.Fatal(err)
		}
		wants(t, p, "one", 1)
		<-time.After(stale)
		wants(t, p, "two", 2)
	})
}

func TestWrite_of_too_much(t *testing.T) {
	inStore(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, p ssm.Parameter) {
		if _, err := p.Write(t.Context(), strings.Repeat("x", ssm.MaxValue)); err != nil {
			t.Errorf("Write of %d bytes = %v", ssm.MaxValue, err)
		}
		if _, err := p.Write(t.Context(), strings.Repeat("x", ssm.MaxValue+1)); !errors.Is(err, ssm.ErrTooLarge) {
			t.Errorf("Write = %v, want ErrTooLarge", err)
		}
		if err := p.Create(t.Context(), strings.Repeat("x", ssm.MaxValue+1)); !errors.Is(err, ssm.ErrTooLarge) {
			t.Errorf("Create = %v, want ErrTooLarge", err)
		}
		if calls := len(a.Calls()); calls != 1 {
			t.Errorf("%d calls, want one", calls)
		}
	})
}

// Every error names the parameter and keeps AWS's words.
func TestErrors(t *testing.T) {
	inStore(t, fakeaws.Options{}, func(t *testing.T, a *fakeaws.AWS, p ssm.Parameter) {
		arn, err := a.AddRole("nothing", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`)
		if err != nil {
			t.Fatal(err)
		}
		p.API = sdk.NewFromConfig(a.ConfigAs(arn))
		_, _, _, read := p.Read(t.Context())
		_, write := p.Write(t.Context(), "x")
		for action, err := range map[string]error{
			"GetParameter": read, "PutParameter": write, "DeleteParameter": p.Delete(t.Context()),
		} {
			want := "is not authorized to perform: ssm:" + action + " on resource: arn:aws:ssm:eu-north-1:123456789012:parameter/hello/production/ledger"
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "parameter "+p.Name) {
				t.Errorf("%v, want %q", err, want)
			}
		}
	})
}
