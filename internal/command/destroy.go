package command

import (
	"cmp"
	"context"
	"fmt"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"pr-stack/internal/admission"
	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/environment"
	"pr-stack/internal/hint"
	"pr-stack/internal/image"
	"pr-stack/internal/policy"
	"pr-stack/internal/report"
	"pr-stack/internal/rollout"
	"pr-stack/internal/runner"
	"pr-stack/internal/timeline"
)

// destroyClients is what destroy works with.
type destroyClients struct {
	run      report.Run // what is certain about the run
	log      *runner.Log
	times    *timeline.Recorder
	stacks   *cfn.Client
	rollout  rollout.Clients
	registry *awsecr.Client
	pulls    *admission.PullRequest
	serving  servingClients
}

// destroy deletes the environment: its stack, then its images. What does not exist any more counts
// as deleted.
func destroy(ctx context.Context, job config.Destroy, with destroyClients) (*report.Destruction, error) {
	t := target{
		environment: job.Environment, owner: job.Owner(), stackName: job.StackName, baseStack: job.BaseStack, ecrRepository: job.ECRRepository,
		closing: job.Closing, merged: job.Merged, promoteBy: job.PromoteBy, hostname: job.Hostname, before: job.BeforeDestroy,
	}
	deleted, err := deleteEnvironment(ctx, t, with)
	result := &report.Destruction{
		Run:    with.run,
		Stack:  report.Stack{Name: job.StackName, ID: deleted.stackID},
		Images: deleted.images,
	}
	switch {
	case deleted.skip != nil:
		result.Ending, result.Reason = report.Skipped, deleted.skip.Reason
		if deleted.skip.Comment {
			result.Kept = cmp.Or(previous(deleted.stack), &report.Previous{})
		}
	case deleted.stackID != "" || deleted.images > 0:
		result.Ending, result.Status = report.Gone, report.Deleted
	default:
		result.Ending, result.Status = report.Gone, report.Absent
	}
	if err == nil && deleted.failed != nil && deleted.skip == nil {
		result.Deleted, err = true, deleted.failed
	}
	if err != nil && ctx.Err() != nil {
		_, err = with.rollout.Interrupted(ctx, job.StackName, err, "run the job again to complete the deletion")
	}
	return result, err
}

// target is an environment that is to be deleted.
type target struct {
	environment   environment.Environment
	owner         environment.Repository
	stackName     string
	baseStack     string
	ecrRepository string           // "": the base stack's
	closing       bool             // its pull request was closed; if that is open again, the environment stays
	merged        bool             // which was merged then
	promoteBy     config.PromoteBy // as the user gave it; "": as the base stack says
	hostname      string           // of production, as the user gave it; or ""
	before        []string         // a command to run in a task before; nil: none
}

// deleted is the result of a deletion, or of the part that was done.
type deleted struct {
	stackID string       // "" if there was no stack
	stack   cfn.Stack    // as it was
	images  int          // tags that were removed; an image is deleted with its last tag
	skip    *policy.Skip // it is not to be deleted any more
	failed  error        // of before-destroy; the environment was deleted nevertheless
}

// deleteTimeout is how long a deletion may take. Network interfaces can stay for up to 45 minutes, and
// CloudFormation waits 15 minutes for them per call. The next run deletes what is not deleted in time.
const deleteTimeout = 60 * time.Minute

func deleteEnvironment(ctx context.Context, t target, with destroyClients) (done deleted, err error) {
	stillClosed := func() *policy.Skip {
		if !t.closing {
			return nil // it is deleted for another reason
		}
		return policy.StillClosed(true, with.pulls.Now(ctx))
	}
	if skip := stillClosed(); skip != nil {
		return deleted{skip: skip}, nil
	}
	stack, err := admission.Existing(ctx, with.stacks, t.environment, t.owner, t.stackName)
	if err != nil {
		return deleted{stackID: stack.ID}, err
	}
	if stack.ID == "" {
		with.log.Line("There is no stack %s.", t.stackName)
	} else {
		done.stackID, done.stack = stack.ID, stack
		skip, check, err := stays(ctx, t, stack, with)
		if skip != nil || err != nil {
			return deleted{stackID: stack.ID, stack: stack, skip: skip}, err
		}
		if err := checkProtection(stack); err != nil {
			return done, err
		}
		next := "nothing was deleted; to delete the environment without the command, leave before-destroy out"
		if t.goesOn() {
			next = "the environment was deleted nevertheless"
		}
		done.failed = with.rollout.BeforeDestroy(ctx, stack, t.before, next)
		if done.failed != nil && (ctx.Err() != nil || !t.goesOn()) {
			return done, done.failed
		}
		err = deleteStack(ctx, t, stack, check, with)
		if done.skip = admission.Halted(err); done.skip != nil {
			return done, nil
		}
		if err != nil {
			return done, err
		}
	}
	// If the pull request was opened again, a new run may have pushed an image, which must stay.
	if skip := stillClosed(); skip != nil {
		return deleted{stackID: done.stackID, skip: skip}, nil
	}
	repositories, err := imageRepositories(ctx, t.baseStack, t.ecrRepository, t.environment.PullRequest == 0, with)
	if err != nil {
		return done, err
	}
	for i, repository := range repositories {
		n, err := deleteImages(ctx, t, repository, i > 0, with)
		done.images += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// goesOn reports whether the environment is deleted although before-destroy failed. A preview costs money
// as long as it exists, nobody waits for its deletion, and its data are made up. A permanent environment
// is deleted by a person, who can look at the failure first: the command may be what saves its data.
func (t target) goesOn() bool { return t.environment.PullRequest > 0 }

// deleteImages deletes the environment's images in a repository. If only an older pr-stack pushed there,
// a failure is a notice: the role of production's jobs has no permission for pull requests' images.
func deleteImages(ctx context.Context, t target, from image.Store, isOld bool, with destroyClients) (int, error) {
	name := "Delete images in ECR repository " + from.Name
	return runner.Phase(with.log, with.times, "Image", name, func(part *timeline.Part) (int, error) {
		n, err := from.Delete(ctx, imageTags(t.environment, t.stackName, t.ecrRepository, t.baseStack).Match)
		part.Note(plural(n, "image"))
		if err == nil || !isOld || ctx.Err() != nil {
			return n, err
		}
		part.Note("not checked")
		with.log.Notice("old images may be left", "an older pr-stack may have pushed images of this environment "+
			"to ECR repository "+from.Name+", which could not be checked: "+awsconfig.Message(err))
		return n, nil
	})
}

// deleteStack deletes the stack. It calls check directly before, with the stack as it is then.
func deleteStack(ctx context.Context, t target, stack cfn.Stack, check func(context.Context, cfn.Stack) error, with destroyClients) error {
	ctx, cancel := context.WithTimeoutCause(ctx, deleteTimeout, hint.New("CloudFormation continues with it; run the job again later",
		"delete stack %s: not deleted after %s", stack.Name, timeline.Duration(deleteTimeout)))
	defer cancel()
	return with.rollout.Delete(ctx, stack.Name, cfn.Deletion{
		ID:    stack.ID,
		Force: t.environment.PullRequest > 0,
		Allow: func(ctx context.Context, stack cfn.Stack) error {
			if err := admission.CheckOwner(t.environment, t.owner, stack); err != nil {
				return err
			}
			if err := check(ctx, stack); err != nil || !t.closing {
				return err
			}
			return admission.Halt(policy.StillClosed(true, with.pulls.Now(ctx)))
		},
	})
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
