package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v92/github"
)

// maxFile is the longest file that File returns, in bytes.
const maxFile = 1 << 20

// File returns the text of one file of the repository at a commit, a branch or a tag. The path is
// relative to the repository's root. A folder, or a file of more than 1 MiB, is an error.
// https://docs.github.com/rest/repos/contents#get-repository-content
func (c *Client) File(ctx context.Context, path, ref string) (string, error) {
	op := c.reads(contents, "read file %s at %s", path, ref)
	var segments []string
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		segments = append(segments, url.PathEscape(segment))
	}
	address := fmt.Sprintf("repos/%s/%s/contents/%s?ref=%s",
		c.owner, c.name, strings.Join(segments, "/"), url.QueryEscape(ref))
	var isFile bool
	file, _, err := ask(ctx, op, func(ctx context.Context) (*bounded, *github.Response, error) {
		request, err := c.api.NewRequest(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, nil, err
		}
		request.Header.Set("Accept", "application/vnd.github.raw+json")
		file := &bounded{}
		response, err := c.api.Do(request, file)
		if err == nil {
			// A folder, or a submodule, is described in JSON.
			isFile = !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json")
		}
		return file, response, err
	})
	switch {
	case err != nil:
		return "", err
	case !isFile:
		return "", fmt.Errorf("%s: it is not a file", op.doing)
	case file.tooLong:
		return "", fmt.Errorf("%s: it is longer than %d bytes", op.doing, maxFile)
	}
	return file.text.String(), nil
}

// bounded keeps what is written to it, until the text would become longer than maxFile.
type bounded struct {
	text    strings.Builder
	tooLong bool
}

func (b *bounded) Write(p []byte) (int, error) {
	b.tooLong = b.tooLong || b.text.Len()+len(p) > maxFile
	if b.tooLong {
		return len(p), nil
	}
	return b.text.Write(p)
}
