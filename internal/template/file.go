package template

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// MaxSize is how many bytes of template a call of CloudFormation takes.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
const MaxSize = 51_200

// ReadFile returns the template in a file of the user's. That the file may be read, being in the workspace, is the
// caller's to know. The error is a *FileError.
func ReadFile(path string) (string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", &FileError{Path: path, Why: "there is no such file", hint: "set template to fargate, or to the path of a file in the checkout"}
	}
	if err != nil {
		return "", &FileError{Path: path, Why: reason(err), hint: "set template to a file that can be read"}
	}
	if !info.Mode().IsRegular() {
		return "", &FileError{Path: path, Why: "it is not a regular file", hint: "set template to the path of the template itself"}
	}
	if info.Size() > MaxSize {
		return "", &FileError{
			Path: path,
			Why:  fmt.Sprintf("it has %d bytes, and CloudFormation takes %d in a call", info.Size(), MaxSize),
			hint: "drop comments and descriptions, or move what is shared into the base stack",
		}
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return "", &FileError{Path: path, Why: reason(err), hint: "set template to a file that can be read"}
	}
	return string(body), nil
}

// FileError is a file that cannot be a template.
type FileError struct {
	Path string
	Why  string
	hint string
}

func (e *FileError) Error() string { return fmt.Sprintf("read template %s: %s", e.Path, e.Why) }

// Hint says what to set template to.
func (e *FileError) Hint() string { return e.hint }

// reason is an error of the file system without the path, which is told already.
func reason(err error) string {
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
}
