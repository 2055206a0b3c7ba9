package actiontest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	fakegithub "pr-stack/internal/fake/github"
)

// TrustGitHub makes a role with the policy that bootstrap printed for a role of the service, which jobs may
// assume whose OIDC token has the subject. It returns its ARN. The account knows GitHub's provider
// once AddProvider was called.
func (e *Env) TrustGitHub(service, role, name, subject string) (arn string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.bases[service+"-base"]
	if found == nil {
		return "", fmt.Errorf("service %s has no base stack", service)
	}
	policy, err := e.policy(found, service, role)
	if err != nil {
		return "", err
	}
	account := strings.Split(found.id, ":")[4] // arn:aws:cloudformation:REGION:ACCOUNT:stack/…
	host := strings.TrimPrefix(fakegithub.Issuer, "https://")
	trust := map[string]any{
		"Version": "2012-10-17",
		"Statement": map[string]any{
			"Effect":    "Allow",
			"Principal": map[string]string{"Federated": "arn:aws:iam::" + account + ":oidc-provider/" + host},
			"Action":    "sts:AssumeRoleWithWebIdentity",
			"Condition": map[string]any{"StringEquals": map[string]string{host + ":aud": "sts.amazonaws.com", host + ":sub": subject}},
		},
	}
	document, err := json.Marshal(trust)
	if err != nil {
		return "", err
	}
	return e.AWS.AddRole(name, string(document), policy)
}

// AddProvider makes the account's provider of GitHub's OIDC tokens, as an administrator does once.
func (e *Env) AddProvider() { e.AWS.AddOIDCProvider(fakegithub.Issuer, "sts.amazonaws.com") }

// permitTokens lets a run get OIDC tokens, if its workflow and GitHub let it.
func (e *Env) permitTokens(r *Run) error {
	if !e.IDTokens {
		return nil
	}
	event := r.value("GITHUB_EVENT_NAME")
	type repo struct {
		FullName string `json:"full_name"`
	}
	var payload struct {
		PullRequest struct {
			User struct{ Login string }
			Head struct{ Repo *repo }
			Base struct{ Repo repo }
		} `json:"pull_request"`
	}
	if path := r.value("GITHUB_EVENT_PATH"); path != "" {
		text, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(text, &payload)
		}
		if err != nil {
			return err
		}
	}
	subject := "ref:refs/heads/main"
	if slices.Contains([]string{"pull_request", "pull_request_review", "pull_request_review_comment"}, event) {
		pull := payload.PullRequest
		if pull.Head.Repo == nil || *pull.Head.Repo != pull.Base.Repo || pull.User.Login == "dependabot[bot]" {
			return nil // GitHub gives it no token, whatever the workflow says
		}
		subject = "pull_request"
	}
	if e.JobEnvironment != "" {
		subject = "environment:" + e.JobEnvironment // in place of all else
	}
	repository := cmp.Or(r.value("GITHUB_REPOSITORY"), Repository)
	named := repository
	if owner, name, _ := strings.Cut(repository, "/"); e.SubjectIDs {
		named = fmt.Sprintf("%s@%s/%s@%s", owner, OwnerID, name, r.value("GITHUB_REPOSITORY_ID"))
	}
	address, secret := e.GitHub.NewJob(map[string]any{
		"sub": "repo:" + named + ":" + subject, "repository": repository, "repository_id": r.value("GITHUB_REPOSITORY_ID"),
		"event_name": event, "run_id": r.value("GITHUB_RUN_ID"), "run_attempt": r.value("GITHUB_RUN_ATTEMPT"),
	})
	r.Environ = append(r.Environ, "ACTIONS_ID_TOKEN_REQUEST_URL="+address, "ACTIONS_ID_TOKEN_REQUEST_TOKEN="+secret)
	return nil
}
