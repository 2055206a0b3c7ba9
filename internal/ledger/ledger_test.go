package ledger_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/ledger"
	"pr-stack/internal/release"
)

// book returns the ledger as a run of GitHub Actions sees it.
func book(account *fakeaws.AWS, id string, over bool) ledger.Book {
	return ledger.Book{
		API: awsssm.NewFromConfig(account.Config()), Service: "hello", Environment: "production",
		Run:  ledger.NewRun(id, "1", "https://github.com/octo-org/hello/actions/runs/"+id),
		Over: func(context.Context, ledger.Run) (bool, error) { return over, nil },
	}
}

func inAccount(t *testing.T, test func(t *testing.T, account *fakeaws.AWS)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, fakeaws.New(fakeaws.Options{})) })
}

func TestBook_reads_what_was_written(t *testing.T) {
	inAccount(t, func(t *testing.T, account *fakeaws.AWS) {
		b := book(account, "1", false)
		if l, err := b.Read(t.Context()); err != nil || l.Next != 0 {
			t.Fatalf("before anything was promoted: %v, %v", l, err)
		}
		l := release.Ledger{}.Begin(release.Digest, release.Generation{Stack: "hello-production"}, "run")
		if err := b.Write(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		read, err := b.Read(t.Context())
		if err != nil || read.String() != l.String() {
			t.Errorf("got %v, %v, want %v", read, err, l)
		}
	})
}

func TestLock_has_one_holder(t *testing.T) {
	inAccount(t, func(t *testing.T, account *fakeaws.AWS) {
		a, b := book(account, "1", false), book(account, "2", false)
		if _, err := a.Lock(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		_, err := b.Lock(t.Context(), false)
		if !errors.Is(err, ledger.ErrHeld) || !strings.Contains(err.Error(), "runs/1") {
			t.Fatalf("got %v, want ErrHeld that names run 1", err)
		}
		if err := b.Unlock(t.Context()); err != nil { // which it does not have
			t.Fatal(err)
		}
		if holds, _ := a.Holds(t.Context()); !holds {
			t.Fatal("the lock was released by a run that did not have it")
		}
		if err := a.Unlock(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Lock(t.Context(), false); err != nil {
			t.Errorf("after it was released: %v", err)
		}
	})
}

func TestLock_of_a_run_that_is_over_is_taken_by_one_of_many(t *testing.T) {
	inAccount(t, func(t *testing.T, account *fakeaws.AWS) {
		if _, err := book(account, "1", false).Lock(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		var work sync.WaitGroup
		var mu sync.Mutex
		var winners []ledger.Book
		for range 8 {
			work.Go(func() {
				b := book(account, "2", true)
				// The run that has just taken it is not over.
				b.Over = func(_ context.Context, r ledger.Run) (bool, error) { return r.ID == "1", nil }
				if _, err := b.Lock(t.Context(), false); err == nil {
					mu.Lock()
					defer mu.Unlock()
					winners = append(winners, b)
				} else if !errors.Is(err, ledger.ErrHeld) {
					t.Error(err)
				}
			})
		}
		work.Wait()
		if len(winners) != 1 {
			t.Fatalf("%d runs have the lock, want 1", len(winners))
		}
		if holds, err := winners[0].Holds(t.Context()); !holds || err != nil {
			t.Errorf("the winner does not hold it: %v", err)
		}
	})
}

func TestLock_is_not_taken_if_nobody_knows_whether_its_holder_is_at_work(t *testing.T) {
	inAccount(t, func(t *testing.T, account *fakeaws.AWS) {
		if _, err := book(account, "1", false).Lock(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		b := book(account, "2", false)
		for name, over := range map[string]func(context.Context, ledger.Run) (bool, error){
			"without a token, GitHub cannot be asked": nil,
			"no permission":                  func(context.Context, ledger.Run) (bool, error) { return false, errors.New("no permission") },
			"GitHub says that it is at work": func(context.Context, ledger.Run) (bool, error) { return false, nil },
		} {
			b.Over = over
			if _, err := b.Lock(t.Context(), false); !errors.Is(err, ledger.ErrHeld) || !strings.Contains(err.Error(), name) {
				t.Errorf("got %v, want ErrHeld with %q", err, name)
			}
		}
		before, err := b.Lock(t.Context(), true)
		if err != nil || before.ID != "1" {
			t.Errorf("with force: %v, %v, want the lock of run 1", before, err)
		}
	})
}

func TestStop_reaches_the_run_that_has_the_lock(t *testing.T) {
	inAccount(t, func(t *testing.T, account *fakeaws.AWS) {
		a, b := book(account, "1", false), book(account, "2", false)
		if by, err := a.Stopped(t.Context()); err != nil || by.Process != "" {
			t.Fatalf("before: %v, %v", by, err)
		}
		if err := b.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if by, err := a.Stopped(t.Context()); err != nil || by.ID != "2" {
			t.Errorf("got %v, %v, want run 2", by, err)
		}
		if err := b.ForgetStop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if by, _ := a.Stopped(t.Context()); by.Process != "" {
			t.Errorf("afterwards: %v", by)
		}
	})
}
