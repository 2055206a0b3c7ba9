package report

import "strings"

// WorkflowPath is where the workflow to begin with belongs.
const WorkflowPath = ".github/workflows/environment.yml"

// Workflow returns the workflow to begin with, which is that of README.md, with the region, and with the
// service unless it has the repository's name, as it has by default.
func Workflow(region, service, repository string) string {
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
