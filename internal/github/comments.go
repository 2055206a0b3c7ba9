package github

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v92/github"

	"pr-stack/internal/poll"
)

// Upsert writes our one comment on a pull request, which begins with the marker. It passes the
// present body to revise, or "" if there is no comment yet, and writes what revise returns. If two
// runs created one comment each, the next call keeps the oldest and deletes the other.
func (c *Client) Upsert(ctx context.Context, number int, marker string, revise func(old string) string) error {
	var ambiguous error
	for n := 1; ; n++ {
		found, err := c.Edit(ctx, number, marker, revise)
		if found || err != nil {
			return err
		}
		if n > attempts {
			return ambiguous
		}
		err = c.comment(ctx, number, fitted(marker, revise("")))
		if f, ok := errors.AsType[*failure](err); !ok || !f.ambiguous() {
			return err
		}
		// The comment may have been written: look for it.
		ambiguous = err
		if poll.Pause(ctx, time.Second<<(n-1)) != nil {
			return err
		}
	}
}

// Edit is Upsert for a comment that already exists. It reports whether there is one.
func (c *Client) Edit(ctx context.Context, number int, marker string, revise func(string) string) (found bool, err error) {
	ours, err := c.ours(ctx, number, marker)
	if err != nil || len(ours) == 0 {
		return false, err
	}
	old := ours[0].GetBody()
	if body := fitted(marker, revise(old)); body != old {
		op := c.writes(pullRequests, idempotent, "edit comment on pull request %d", number)
		_, _, err = ask(ctx, op, func(ctx context.Context) (*github.IssueComment, *github.Response, error) {
			return c.api.Issues.UpdateComment(ctx, c.owner, c.name, ours[0].GetID(), github.IssueCommentRequest{Body: body})
		})
		if errors.Is(err, ErrNotFound) {
			return false, nil // somebody deleted it since it was listed
		}
		if err != nil {
			return true, err
		}
	}
	for _, extra := range ours[1:] {
		if err := c.deleteComment(ctx, number, extra.GetID()); err != nil {
			return true, err
		}
	}
	return true, nil
}

// ours returns the comments that begin with the marker and were written by a bot or by the user who
// owns the token, oldest first.
//
// Anybody can copy a marker, and a token that may write can edit what others wrote. So other people's
// comments are left out. Any bot is accepted, because GITHUB_TOKEN cannot find out which bot it
// belongs to. Whether it was written through a GitHub App does not matter: people
// write through apps as well.
func (c *Client) ours(ctx context.Context, number int, marker string) ([]*github.IssueComment, error) {
	if marker == "" {
		return nil, errors.New("find comment: the marker is empty, and would match every comment")
	}
	op := c.reads(pullRequests, "list comments on pull request %d", number)
	var bots, people []*github.IssueComment
	list := func(ctx context.Context, page github.ListOptions) ([]*github.IssueComment, *github.Response, error) {
		options := &github.IssueListCommentsOptions{ListOptions: page}
		return c.api.Issues.ListComments(ctx, c.owner, c.name, number, options)
	}
	for comment, err := range all(ctx, op, list) {
		switch {
		case err != nil:
			return nil, err
		case !strings.HasPrefix(comment.GetBody(), marker):
		case isBot(comment.GetUser()):
			bots = append(bots, comment)
		default:
			people = append(people, comment)
		}
	}
	ours := bots
	if len(people) > 0 {
		login, err := c.login(ctx)
		if err != nil {
			return nil, err
		}
		for _, comment := range people {
			if login != "" && strings.EqualFold(comment.GetUser().GetLogin(), login) {
				ours = append(ours, comment)
			}
		}
	}
	slices.SortFunc(ours, func(a, b *github.IssueComment) int { return cmp.Compare(a.GetID(), b.GetID()) })
	return ours, nil
}

// login returns the user who owns the token, or "" if GitHub does not say, as for GITHUB_TOKEN.
func (c *Client) login(ctx context.Context) (string, error) {
	op := operation{doing: "read the token's user", idempotent: true}
	user, _, err := ask(ctx, op, func(ctx context.Context) (*github.User, *github.Response, error) {
		return c.api.Users.Get(ctx, "")
	})
	if errors.Is(err, ErrForbidden) || errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return user.GetLogin(), err
}

func (c *Client) comment(ctx context.Context, number int, body string) error {
	op := c.writes(pullRequests, !idempotent, "comment on pull request %d", number)
	_, _, err := ask(ctx, op, func(ctx context.Context) (*github.IssueComment, *github.Response, error) {
		return c.api.Issues.CreateComment(ctx, c.owner, c.name, number, github.IssueCommentRequest{Body: body})
	})
	return err
}

func (c *Client) deleteComment(ctx context.Context, number int, id int64) error {
	op := c.writes(pullRequests, idempotent, "delete second comment on pull request %d", number)
	_, _, err := ask(ctx, op, func(ctx context.Context) (struct{}, *github.Response, error) {
		response, err := c.api.Issues.DeleteComment(ctx, c.owner, c.name, id)
		return struct{}{}, response, err
	})
	if errors.Is(err, ErrNotFound) {
		return nil // gone already
	}
	return err
}

// fitted returns the body that is sent to GitHub: it begins with the marker, by which the comment is
// found again, and is no longer than GitHub accepts.
func fitted(marker, body string) string {
	if !strings.HasPrefix(body, marker) {
		body = marker + "\n" + body
	}
	return truncate(body, 65536)
}
