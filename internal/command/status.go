package command

import (
	"context"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"pr-stack/internal/admission"
	"pr-stack/internal/cfn"
	"pr-stack/internal/config"
	"pr-stack/internal/ledger"
	"pr-stack/internal/promotion"
	"pr-stack/internal/release"
	"pr-stack/internal/report"
	"pr-stack/internal/runner"
	"pr-stack/internal/template"
)

// statusClients is what status works with.
type statusClients struct {
	run       report.Run
	log       *runner.Log
	stacks    *cfn.Client
	book      ledger.Book
	promotion promotion.Clients
}

// status says what every environment of the service runs, and production's generations.
func status(ctx context.Context, job config.Overview, with statusClients) (*report.Overview, error) {
	result := &report.Overview{Run: with.run, Now: time.Now(), AsJSON: job.JSON}
	stacks, err := admission.Environments(ctx, with.stacks, job.Service)
	if err != nil {
		return result, err
	}
	book, err := with.book.Read(ctx)
	if err != nil {
		return result, err
	}
	costs := prices{stacks: with.stacks, logf: with.log.Line, bodies: map[string]string{}}
	for _, s := range stacks {
		placed := placed(s)
		placed.Generation = book.Serves(s.Stack.Name)
		if cost := costs.of(ctx, s.Stack); cost != nil {
			day := math.Round(100*cost.Daily) / 100
			placed.CostPerDay = &day
		}
		result.Environments = append(result.Environments, placed)
	}
	if book.Next > 0 {
		result.Production, err = served(ctx, job, book, with)
	}
	if err == nil {
		result.Ending = report.Up
	}
	return result, err
}

// placed says what one environment's stack says of it.
func placed(e admission.Preview) report.Placed {
	s := e.Stack
	url, _ := template.URL(s.Outputs)
	p := report.Placed{
		Environment: e.Environment.Name, PullRequest: e.Environment.PullRequest, State: stateOf(s), URL: url,
		Commit: commitOf(s), Stack: s.Name, Ingress: s.Parameters[template.IngressParameter], Protected: s.Protected,
		Since: s.Created.UTC().Format(time.RFC3339), Changed: s.Changed.UTC().Format(time.RFC3339),
	}
	if p.State != "ready" && previous(s) == nil {
		p.URL = ""
	}
	return p
}

// stateOf returns the state of an environment in the words of a comment's state. After a failed update that
// was rolled back, what was there before is up.
func stateOf(s cfn.Stack) string {
	switch {
	case s.Status == types.StackStatusDeleteInProgress:
		return "deleting"
	case cfn.InProgress(s.Status):
		return report.Deploying
	case previous(s) != nil:
		return "ready"
	}
	return "failed"
}

// served says who serves production, and who did, and how that differs from what AWS has.
func served(ctx context.Context, job config.Overview, l release.Ledger, with statusClients) (*report.Served, error) {
	p := &report.Served{
		Environment: with.book.Environment, By: l.By, Status: l.Status, Stable: l.Stable, Candidate: l.Candidate,
		Locked: l.Locked, Generations: l.Generations,
	}
	if !l.By.MovesTraffic() {
		return p, nil
	}
	base, err := with.stacks.Describe(ctx, job.BaseStack)
	if err != nil {
		return p, err
	}
	road, err := newRoad(ctx, with.stacks, with.promotion, base.Outputs, l, wayAndHost{l.By, job.Service, with.book.Environment, job.Hostname})
	if err != nil {
		return p, err
	}
	live, err := road.traffic.Read(ctx)
	if err != nil {
		return p, err
	}
	p.URL, p.Weights, p.Differs = road.url(), live, l.Compare(live)
	return p, nil
}
