package config

import (
	"slices"
	"strings"

	"pr-stack/internal/hint"
	"pr-stack/internal/policy"
)

// Load checks everything and decides what to do. found and lookupErr are the answer to in.Lookup:
// the open pull requests that it found, or the one, and why it could not find them. One that does
// not exist is no error, but an empty answer. A refusal is reported as an error as well. The error
// joins a *hint.Error for each thing that is wrong; in then knows the pull request that was found.
func Load(in *Inputs, found []policy.PullRequest, lookupErr error) (Job, error) {
	l := loader{Inputs: in, problems: problems{list: slices.Clone(in.list)}}
	decision := in.identify(found, lookupErr)
	job := l.load(decision)
	if err := l.err(); err != nil {
		return nil, err
	}
	return job, nil
}

// loader reports problems of its own, so that Load does not change those of Inputs.
type loader struct {
	*Inputs
	problems
}

func (l *loader) load(decision policy.Decision) Job {
	l.checkNames()
	l.checkRules()
	if decision == (policy.Decision{}) {
		decision = policy.Decide(l.request())
	}
	if refusal := decision.Refuse; refusal != nil {
		l.refuse(refusal)
	}
	built := l.builds(decision.Allow)
	options := l.stackOptions()
	settings := l.settings()
	deploy, sweep := l.deployOptions(), l.sweepOptions()
	bootstrap := l.bootstrapOptions(deploy.Ingress)
	repository := l.ecrRepository()
	production := l.productionOptions()
	bootstrap.PromoteBy, deploy.Strategy, deploy.Force = production.By, production.Strategy, production.Force
	deploy.PromoteBy, deploy.ProductionHost = production.By, production.Hostname
	e := l.Environment()
	switch decision.Allow {
	case policy.Deploy:
		l.checkPermanentName(e)
		deploy.Settings, deploy.StackOptions = settings, options
		deploy.Environment, deploy.StackName, deploy.Commit = e, l.StackName(), l.trigger.Commit
		deploy.PullRequest, deploy.Rules, deploy.ECRRepository = l.pullRequest(), l.rules(), repository
		deploy.Current = l.trigger.DrivesEnvironment() && l.trigger.Owns(e)
		deploy.Image = l.image()
		if build, ok := deploy.Image.(Build); ok {
			deploy.CheckoutWarning = built.Warning
			deploy.BuildInputs, deploy.BuiltCommit = l.buildInputs(build, built)
		}
		deploy.Template = l.template(deploy.Image)
		return deploy
	case policy.Destroy:
		return Destroy{
			Settings: settings, Environment: e, StackName: l.StackName(), PullRequest: l.pullRequest(), BeforeDestroy: deploy.Tasks.BeforeDestroy,
			Closing: l.trigger.Owns(e) && l.trigger.Action == "closed", ECRRepository: repository,
			Merged: l.trigger.Owns(e) && l.trigger.PullRequest.Merged, PromoteBy: production.By, Hostname: production.Hostname,
		}
	case policy.Sweep:
		sweep.Settings, sweep.ECRRepository, sweep.BeforeDestroy, sweep.Hostname = settings, repository, deploy.Tasks.BeforeDestroy, production.Hostname
		return sweep
	case policy.Bootstrap:
		bootstrap.Settings, bootstrap.StackOptions = settings, options
		return bootstrap
	case policy.Promote, policy.Rollback:
		deploy.Settings, deploy.StackOptions = settings, options
		deploy.Environment, deploy.StackName, deploy.Commit, deploy.ECRRepository = e, l.StackName(), l.trigger.Commit, repository
		return l.production(decision.Allow, deploy, production, built)
	case policy.Status:
		return Overview{Settings: settings, JSON: l.bool("json"), Hostname: production.Hostname}
	case policy.Doctor:
		return l.doctor(settings, deploy, production, repository)
	}
	skip := Skip{Settings: settings, Environment: e, StackName: l.StackName()}
	if decision.Skip != nil {
		skip.Reason = decision.Skip.Reason
	}
	return skip
}

// refuse reports what policy refuses. Its hint is the one about what GitHub answered, and its own.
func (l *loader) refuse(r *policy.Refusal) {
	hints := hint.Of(r.Cause)
	if r.Hint != "" {
		hints = append(hints, r.Hint)
	}
	message := r.Message
	if r.Input != "" {
		message = r.Input + ": " + message
	}
	l.add(&hint.Error{Message: message, Hint: strings.Join(hints, "; or "), Cause: r.Cause})
}

// pullRequest returns the number of the pull request that the environment belongs to, or 0. It is
// also 0 if the event is about another one, whose code then runs in the environment.
func (l *loader) pullRequest() int {
	e := l.Environment()
	if pull := l.trigger.PullRequest; pull != nil && pull.Number != e.PullRequest {
		return 0
	}
	return e.PullRequest
}
