package command_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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

// A preview may be called as the base stack of another service, whose name begins with this one's and -pr-.
// Its tags, and what it says of a repository, are the colleague's.
func TestColleague_lays_no_ground_for_another_service(t *testing.T) {
	asColleague(t, func(t *testing.T, c *colleague) {
		for name, tag := range map[string]string{"hello-world-pr-x-base": "pr-stack:base", "hello-world-pr-y-base-roles": "pr-stack:roles"} {
			tags := actiontest.Tags("hello-world", "pr-9", 9)
			service := name[:len("hello-world-pr-x")]
			tags[tag] = service
			created, err := c.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
				StackName: &name, Tags: tagsOf(tags),
				TemplateBody: aws.String(fmt.Sprintf(oneLogGroup, "/pr-stack/"+name) + "\nOutputs: {Repository: {Value: evil/repository}}"),
			})
			c.check(err)
			c.settled(*created.StackId)
			r := c.run("opened", oneCommit, "INPUT_COMMAND=bootstrap", "INPUT_SERVICE="+service, "GITHUB_REPOSITORY=")
			r.want(t, 1, "", "")
			if log := r.Log(); !strings.Contains(log, "say that it is environment pr-9 of service hello-world") || strings.Contains(log, "evil/repository") {
				t.Errorf("bootstrap of %s believes %s:\n%s", service, name, log)
			}
		}
	})
}
