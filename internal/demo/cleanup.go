package main

import (
	"context"
	"fmt"
	"strings"

	"pr-stack/internal/actiontest"
)

// checkCleanup returns an error if anything is left except the base stack and what belongs to it.
func (d *demo) checkCleanup(ctx context.Context) error {
	names, err := d.Remains(ctx)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		return fmt.Errorf("the pull request is closed and there still is: %s", strings.Join(names, ", "))
	}
	if n := d.account.programs.Running(); n > 0 {
		return fmt.Errorf("the pull request is closed and %d of its processes still run", n)
	}
	fmt.Fprintf(d.out, "  Left in the account: the base stack %s, with no image of a pull request.\n", actiontest.BaseStack)
	return nil
}
