package template

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"pr-stack/internal/hint"
)

const (
	// MaxSize is the largest template, in bytes, that CloudFormation accepts in a call.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
	MaxSize = 51_200
	// MaxStoredSize is the largest template that CloudFormation reads in S3. The quotas say 1 MB; one of
	// 1,048,576 bytes is refused: "Template may not exceed 1000000 bytes in size."
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
	MaxStoredSize = 1_000_000
)

// ReadFile returns the template in the user's file. The caller makes sure that the path is inside
// the workspace. The error is a *hint.Error.
func ReadFile(path string) (string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fileError(path, "no such file",
			"set template to fargate, or to the path of a file in the checkout", err)
	}
	if err != nil {
		return "", unreadable(path, err)
	}
	if !info.Mode().IsRegular() {
		return "", fileError(path, "it is not a regular file",
			"set template to the path of the template file itself", nil)
	}
	if err := CheckSize(path, info.Size()); err != nil {
		return "", err
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return "", unreadable(path, err)
	}
	return string(body), nil
}

// CheckSize returns an error, which names the path, if a template is larger than
// MaxStoredSize.
func CheckSize(path string, size int64) error {
	if size <= MaxStoredSize {
		return nil
	}
	why := fmt.Sprintf("it has %d bytes, and CloudFormation accepts at most %d", size, MaxStoredSize)
	return fileError(path, why, "remove comments and descriptions, or move a part of it into a nested stack", nil)
}

// unreadable returns the error for a file that the file system refuses to read. The path is in the
// message already, so only the reason of a *fs.PathError is shown.
func unreadable(path string, err error) error {
	why := err.Error()
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		why = failed.Err.Error()
	}
	return fileError(path, why, "set template to a file that can be read", err)
}

func fileError(path, why, advice string, cause error) error {
	return &hint.Error{Message: fmt.Sprintf("read template %s: %s", path, why), Hint: advice, Cause: cause}
}
