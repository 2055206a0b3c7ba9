package report

import (
	"regexp"
	"strings"
)

// WorkflowPath is where the workflow to begin with belongs.
const WorkflowPath = ".github/workflows/environment.yml"

// Workflow returns the workflow to begin with, which is that of README.md, with the region, and with the
// service unless it has the repository's name, as it has by default.
func Workflow(region, service, repository string) string {
	return filledIn(workflow, region, service, repository)
}

// ProductionPath is where the workflow of production belongs.
const ProductionPath = ".github/workflows/production.yml"

// ProductionWorkflow returns the workflow of production, which is that of README.md, in the same way, and
// with the default branch.
//
// Its group has the command in its name: a rollback must not wait until the promotion that it is to stop has
// ended. The lock in the Parameter Store keeps the two apart. A run of promote that waits may be replaced
// by that of a later merge, which has the earlier merge's code as well.
func ProductionWorkflow(region, service, repository, branch string) string {
	return strings.Replace(filledIn(productionWorkflow, region, service, repository), "[main]", "["+branchPattern(branch)+"]", 1)
}

// plainBranch matches a branch that is written in YAML as it is.
var plainBranch = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/-]*$`)

// branchPattern returns a pattern in YAML that only this branch matches. Git allows no *, ? or [ in a name.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
func branchPattern(branch string) string {
	if plainBranch.MatchString(branch) {
		return branch
	}
	return "'" + strings.NewReplacer("'", "''", "+", `\+`, "!", `\!`).Replace(branch) + "'"
}

func filledIn(workflow, region, service, repository string) string {
	text := strings.ReplaceAll(workflow, "eu-north-1", region)
	if _, name, _ := strings.Cut(repository, "/"); name == service {
		return text
	}
	const before = "          aws-region: "
	return strings.Replace(text, before, "          service: "+service+"\n"+before, 1)
}

const workflow = `name: environment
on:
  pull_request:
    types: [opened, synchronize, reopened, closed]
permissions:
  contents: read
  id-token: write # for the AWS role
  pull-requests: write # for the comment
  deployments: write
concurrency:
  group: pr-stack-${{ github.event.number }}
  cancel-in-progress: false # the next push does not cancel a deployment
  queue: max # and does not drop a pending close
jobs:
  environment:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - id: environment
        uses: OWNER/pr-stack@v1
        with:
          role-to-assume: ${{ vars.PR_STACK_ROLE }}
          aws-region: eu-north-1
      - if: steps.environment.outputs.url
        run: npm run test:integration
        env:
          BASE_URL: ${{ steps.environment.outputs.url }}
`

const productionWorkflow = `name: production
on:
  push:
    branches: [main]
  workflow_dispatch:
    inputs:
      command:
        type: choice
        options: [promote, rollback]
        default: promote
permissions:
  actions: read # whether the run that works on production is over
  contents: read
  id-token: write # for the AWS role
  pull-requests: write # for the comment, and to find the merged pull request
  deployments: write
concurrency:
  group: pr-stack-production-${{ inputs.command || 'promote' }} # a rollback stops a promotion
  cancel-in-progress: false
jobs:
  production:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: OWNER/pr-stack@v1
        with:
          role-to-assume: ${{ vars.PR_STACK_PRODUCTION_ROLE }}
          aws-region: eu-north-1
          command: ${{ inputs.command || 'promote' }}
`
