package admission

import (
	"errors"

	"pr-stack/internal/policy"
)

// halted is a skip on its way through the change of a stack, which only an error ends.
type halted struct{ skip *policy.Skip }

func (h *halted) Error() string { return h.skip.Reason }

// Halt returns an error that ends the change of a stack because of a skip, or nil if there is none.
// Halted gets the skip back.
func Halt(skip *policy.Skip) error {
	if skip == nil {
		return nil
	}
	return &halted{skip}
}

// Halted returns the skip that ended the change of a stack, or nil.
func Halted(err error) *policy.Skip {
	if h, ok := errors.AsType[*halted](err); ok {
		return h.skip
	}
	return nil
}
