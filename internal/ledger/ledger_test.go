package ledger_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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

// A run may end while it takes a lock over, and the next one does, too.
func TestLock_whose_taking_over_did_not_end_is_taken_over(t *testing.T) {
	inAccount(t, func(t *testing.T, account *fakeaws.AWS) {
		first, second, third := book(account, "1", false), book(account, "2", false), book(account, "3", true)
		account.PutParameter(ledger.Name("hello", "production", "lock"), first.Run.String())
		account.PutParameter(ledger.Name("hello", "production", "claim-"+first.Run.Process), second.Run.String())
		account.PutParameter(ledger.Name("hello", "production", "claim-"+second.Run.Process), third.Run.String())
		if _, err := book(account, "4", false).Lock(t.Context(), false); !errors.Is(err, ledger.ErrHeld) {
			t.Fatalf("while they are at work: %v, want ErrHeld", err)
		}
		b := book(account, "4", true)
		if _, err := b.Lock(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if holds, err := b.Holds(t.Context()); !holds || err != nil {
			t.Errorf("it does not hold the lock: %v", err)
		}
		if err := b.Unlock(t.Context()); err != nil {
			t.Fatal(err)
		}
		if names := left(account, "lock", "claim-"+first.Run.Process, "claim-"+second.Run.Process, "claim-"+third.Run.Process); len(names) > 0 {
			t.Errorf("it leaves the parameters %q", names)
		}
	})
}

func left(account *fakeaws.AWS, names ...string) (list []string) {
	for _, name := range names {
		if _, found := account.Parameter(ledger.Name("hello", "production", name)); found {
			list = append(list, name)
		}
	}
	return list
}

// What is read may be older than what was written.
func TestLock_with_stale_reads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := fakeaws.New(fakeaws.Options{ParameterStaleness: func() time.Duration { return 1500 * time.Millisecond }})
		a, b, c := book(account, "1", true), book(account, "2", false), book(account, "3", true)
		c.Over = func(_ context.Context, r ledger.Run) (bool, error) { return r.ID == "1", nil }
		if _, err := a.Lock(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		if err := a.Unlock(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Lock(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Lock(t.Context(), false); !errors.Is(err, ledger.ErrHeld) {
			t.Errorf("Lock = %v, want ErrHeld: run 2 has it, though a read still shows run 1, which is over", err)
		}
		if holds, err := b.Holds(t.Context()); !holds || err != nil {
			t.Errorf("run 2 does not have the lock any more: %v", err)
		}
		<-time.After(time.Minute)
		if err := b.Unlock(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Lock(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		if err := b.Unlock(t.Context()); err != nil { // though a read does not show yet that it has it
			t.Fatal(err)
		}
		if names := left(account, "lock"); len(names) > 0 {
			t.Errorf("it leaves the parameters %q", names)
		}
	})
}
