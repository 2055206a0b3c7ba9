package permissions

// Trust is whose jobs may assume the roles: those of one repository on GitHub.
type Trust struct {
	Host     string // of GitHub's provider: token.actions.githubusercontent.com
	Provider string // the ARN of the account's provider; "" if the stack makes one
	// Repositories are the forms in which a token's subject names the repository: octo-org/hello-world
	// and, for a repository that was created, renamed or transferred after 15 July 2026,
	// octo-org@1/hello-world@2. The second survives renames, and nobody who takes the name over has it.
	Repositories []string
	Branch       string // the default one
}

// Audience is the audience that a token must have: AWS.
const Audience = "sts.amazonaws.com"

// EnvironmentParameter is the stack's parameter that says whether jobs with GitHub's environment production
// may assume the role of production. The subject of such a job's token names no branch, and GitHub makes an
// environment that a workflow names. So unless somebody restricts that environment to branches, whoever may
// push a branch would have the role.
// https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
const (
	EnvironmentParameter = "TrustProductionEnvironment"
	environmentCondition = "TrustsProductionEnvironment"
)

// subjects returns the subjects of the jobs that a role is for. That of previews has those of the default
// branch because forks' pull requests are deployed from there, by workflow_run, a comment or by hand.
// https://docs.github.com/en/actions/reference/security/oidc
func (t Trust) subjects(role string) any {
	branch := "ref:refs/heads/" + t.Branch
	switch role {
	case "preview":
		return t.ending("pull_request", branch)
	case Production:
		return object{"Fn::If": []any{environmentCondition, t.ending(branch, "environment:"+Production), t.ending(branch)}}
	}
	return t.ending(branch)
}

// ending returns the subjects that end so, in each form of the repository's name.
func (t Trust) ending(ends ...string) (list []string) {
	for _, repository := range t.Repositories {
		for _, end := range ends {
			list = append(list, "repo:"+repository+":"+end)
		}
	}
	return list
}

// policy returns the trust policy of a role.
func (t Trust) policy(role string) object {
	var provider any = t.Provider
	if t.Provider == "" {
		provider = object{"Fn::GetAtt": []string{providerID, "Arn"}}
	}
	return object{"Version": "2012-10-17", "Statement": []object{{
		"Effect":    "Allow",
		"Principal": object{"Federated": provider},
		"Action":    "sts:AssumeRoleWithWebIdentity",
		"Condition": object{"StringEquals": object{t.Host + ":aud": Audience, t.Host + ":sub": t.subjects(role)}},
	}}}
}
