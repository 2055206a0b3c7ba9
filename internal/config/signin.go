package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pr-stack/internal/policy"
)

// SignIn is how to get AWS credentials. The inputs have the names, and the meaning, that they have in
// aws-actions/configure-aws-credentials.
type SignIn struct {
	RoleARN     string        // assumed with GitHub's OIDC token; "": the AWS SDK finds credentials
	Duration    time.Duration // of one session of the role
	SessionName string
	TokenURL    string // ACTIONS_ID_TOKEN_REQUEST_URL; "" without the permission id-token: write
	TokenSecret string // ACTIONS_ID_TOKEN_REQUEST_TOKEN
	// Accounts are the numbers of the accounts that may be used; empty: any.
	Accounts []string
}

// signIn returns how to get AWS credentials, checked.
func (l *loader) signIn() SignIn {
	s := SignIn{
		RoleARN: l.text("role-to-assume"), Duration: l.roleDuration(), SessionName: l.sessionName(),
		TokenURL: l.environ["ACTIONS_ID_TOKEN_REQUEST_URL"], TokenSecret: l.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
		Accounts: words(l.text("allowed-account-ids")),
	}
	switch {
	case s.RoleARN == "":
	case !roleARN.MatchString(s.RoleARN):
		l.addf("role-to-assume", "write arn:aws:iam::123456789012:role/NAME", "%s is not a role's ARN", quote(s.RoleARN))
	case !l.onGitHub() && l.text("command") != string(policy.Doctor): // which examines the role, and does not assume it
		l.addf("role-to-assume", "leave it out: the AWS SDK finds the credentials of your shell",
			"it needs an OIDC token of GitHub, which only a job of a workflow can get")
	}
	for _, number := range s.Accounts {
		if !accountNumber.MatchString(number) {
			l.addf("allowed-account-ids", "write twelve digits, such as 123456789012",
				"%s is not the number of an account", quote(number))
		}
	}
	return s
}

func (l *loader) roleDuration() time.Duration {
	text := l.text("role-duration-seconds")
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 900 || seconds > 43200 {
		l.addf("role-duration-seconds", "write a whole number from 900 to 43200",
			"%s is not a valid number of seconds", quote(text))
	}
	return time.Duration(seconds) * time.Second
}

// maxSessionName is how long STS allows the name of a session to be.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
const maxSessionName = 64

var (
	accountNumber = regexp.MustCompile(`^\d{12}$`)
	notInSession  = regexp.MustCompile(`[^A-Za-z0-9_=,.@-]`)
)

// sessionName returns the name of the role's sessions, which says in CloudTrail where a call came
// from. If it is too long, the repository's name is cut.
func (l *loader) sessionName() string {
	run := ""
	if pull := l.trigger.PullRequest; pull != nil {
		run = fmt.Sprintf("_pr-%d", pull.Number)
	}
	if id := l.environ["GITHUB_RUN_ID"]; id != "" {
		run += "_run-" + id
	}
	run = notInSession.ReplaceAllString(run, "-")
	repository := notInSession.ReplaceAllString(strings.ReplaceAll(l.Settings().Repository, "/", "_"), "-")
	return fmt.Sprintf("%.*s%s", max(0, maxSessionName-len(run)), repository, run)
}
