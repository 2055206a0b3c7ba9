package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pr-stack/internal/awsconfig"
	"pr-stack/internal/cfn"
	"pr-stack/internal/iam"
	"pr-stack/internal/permissions"
)

const (
	// githubTokens is the host of the provider of GitHub's OIDC tokens.
	githubTokens = "token.actions.githubusercontent.com"
	// repositoryTimeout is how long GitHub may take to return a repository's IDs.
	repositoryTimeout = 15 * time.Second
)

// findTrust returns whose tokens the roles will trust. now is the current stack of the roles.
func findTrust(ctx context.Context, source string, now cfn.Stack, with bootstrapClients) (permissions.Trust, error) {
	trust := permissions.Trust{Host: githubTokens}
	trust.Repositories, trust.Branch = subjectsOf(ctx, source, now, with)
	made, err := makesProvider(ctx, now, with.stacks)
	if err != nil || made {
		return trust, err
	}
	provider, err := iam.FindProvider(ctx, with.iam, githubTokens)
	if errors.Is(err, iam.ErrNoProvider) {
		return trust, nil
	}
	if err == nil && !slices.Contains(provider.Audiences, permissions.Audience) {
		with.log.Warning("the account's OIDC provider of GitHub does not accept tokens for AWS", "Run: "+
			"aws iam add-client-id-to-open-id-connect-provider --client-id "+permissions.Audience+" --open-id-connect-provider-arn "+provider.ARN)
	}
	trust.Provider = provider.ARN
	return trust, err
}

// subjectsOf returns the forms in which the subjects of a repository's tokens name it, and its default
// branch. If GitHub cannot be reached, they are taken from the stack's outputs, if those are of the same
// repository.
func subjectsOf(ctx context.Context, source string, now cfn.Stack, with bootstrapClients) (forms []string, branch string) {
	ctx, cancel := context.WithTimeout(ctx, repositoryTimeout)
	defer cancel()
	found, err := with.repository(ctx, source)
	if err == nil {
		owner, name, _ := strings.Cut(source, "/")
		return []string{source, fmt.Sprintf("%s@%d/%s@%d", owner, found.OwnerID, name, found.ID)}, found.DefaultBranch
	}
	forms, branch = []string{source}, "main"
	if now.Outputs["Repository"] == source {
		branch = cmp.Or(now.Outputs["Branch"], branch)
		if ids := now.Outputs["RepositoryWithIds"]; ids != "" {
			return append(forms, ids), branch
		}
	}
	with.log.Warning("the roles do not trust the repository by its ID", fmt.Sprintf("GitHub did not return the IDs of %s (%s). "+
		"The tokens of a repository that was created, renamed or transferred after 15 July 2026 have them, and its default branch may not be %s. "+
		"Run bootstrap again with github-token or GITHUB_TOKEN set", source, awsconfig.Message(err), branch))
	return forms, branch
}

// makesProvider reports whether the stack of the roles has the account's provider among its resources.
func makesProvider(ctx context.Context, now cfn.Stack, stacks *cfn.Client) (bool, error) {
	if now.ID == "" {
		return false, nil
	}
	for r, err := range stacks.Resources(ctx, now.ID) {
		if err != nil || r.Type == "AWS::IAM::OIDCProvider" {
			return err == nil, err
		}
	}
	return false, nil
}
