package command_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"pr-stack/internal/actiontest"
)

// A stack that somebody made by hand, with tags and outputs as pr-stack's, is deleted by a sweep like
// any other preview, and leads it to nothing else: not to production, whose outputs it may have, not to
// another pull request's images, and not to what its tags say of a repository.
func TestColleague_leads_a_sweep_to_nothing_but_their_own_stacks(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		for name, tags := range map[string]map[string]string{
			"hello-world-pr-9":           actiontest.Tags("hello-world", "pr-9", 9),
			"hello-world-pr-production":  actiontest.Tags("hello-world", "pr-9", 9),
			"hello-world-pr-contradicts": actiontest.Tags("hello-world", "pr-7", 9),
			"hello-world-pr-hostile":     with(actiontest.Tags("hello-world", "pr-9", 9), "pr-stack:repository", "::error::@x"),
		} {
			body := fmt.Sprintf(oneLogGroup, "/pr-stack/"+name) + "\nOutputs: {Url: {Value: 'http://localhost'}, " +
				"LogGroupName: {Value: /pr-stack/hello-world-production}, Commit: {Value: " + oneCommit + "}}"
			created, err := c.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
				StackName: &name, TemplateBody: aws.String(body), Tags: tagsOf(tags),
			})
			c.check(err)
			c.settled(*created.StackId)
		}
		c.pushAs("pr-7-" + oneCommit[:12])
		images := c.imageTags()
		c.GitHub.Open(9, oneCommit)
		c.GitHub.Close(9, false)
		<-time.After(48 * time.Hour)
		c.run("opened", oneCommit, "INPUT_COMMAND=sweep").want(t, 0, "deleted", "Environments of hello-world: 2 deleted, 2 kept.")
		want := []string{"hello-world-base", "hello-world-base-roles", "hello-world-pr-7", "hello-world-pr-base", "hello-world-pr-base-roles", "hello-world-pr-contradicts",
			"hello-world-pr-hostile", "hello-world-pr-pr-7", "hello-world-production"}
		if got := c.stackNames(); !slices.Equal(got, want) {
			t.Errorf("stacks = %q, want %q", got, want)
		}
		if got := c.imageTags(); !slices.Equal(got, images) {
			t.Errorf("images = %q, want %q", got, images)
		}
	})
}

func with(tags map[string]string, key, value string) map[string]string {
	tags = maps.Clone(tags)
	tags[key] = value
	delete(tags, "pr-stack:repository-id")
	return tags
}
