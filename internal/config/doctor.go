package config

import "errors"

// doctor returns the job to examine what a deployment with these inputs would need. That there is
// nothing to build is one of its findings, and no problem of the inputs.
func (l *loader) doctor(settings Settings, deploy Deploy, production Production, repository string) Doctor {
	d := Doctor{
		Settings: settings, Environment: l.Environment(), Role: settings.SignIn.RoleARN,
		OnGitHub: l.onGitHub(), Workspace: l.workspace(),
		ActionRef: l.environ["GITHUB_ACTION_REF"], Action: l.environ["GITHUB_ACTION_REPOSITORY"],
		ECRRepository: repository, Ingress: deploy.Ingress, MaxEnvironments: deploy.MaxEnvironments,
		Profile: deploy.Profile, GitHubCache: deploy.GitHubCache,
		PromoteBy: production.By, Hostname: production.Hostname, Alarms: lines(l.values["alarms"]),
	}
	if !d.OnGitHub { // only a job of a workflow can assume the role
		d.SignIn.RoleARN = ""
	}
	image := &loader{Inputs: l.Inputs}
	d.Image = image.image()
	if d.ImageProblem = errors.Join(image.list...); d.ImageProblem != nil {
		d.Image = nil
	}
	return d
}
