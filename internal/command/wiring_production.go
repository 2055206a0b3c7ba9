package command

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"pr-stack/internal/config"
	"pr-stack/internal/ledger"
	"pr-stack/internal/permissions"
	"pr-stack/internal/promotion"
	"pr-stack/internal/publish"
	"pr-stack/internal/report"
)

func (w *wiring) forPromote(job config.Deploy, p *publish.Publisher) promoteClients {
	return promoteClients{deployClients: w.forDeploy(0, p.Run, p), book: w.newBook(job.Environment.Name)}
}

func (w *wiring) forStatus(run report.Run) statusClients {
	return statusClients{run: run, log: w.log, stacks: w.newStacks(), book: w.newBook(permissions.Production), promotion: w.newPromotion()}
}

func (w *wiring) newPromotion() promotion.Clients {
	return promotion.Clients{
		ELB: elbv2.NewFromConfig(w.aws), Route53: route53.NewFromConfig(w.aws), CloudWatch: cloudwatch.NewFromConfig(w.aws),
		ECS: ecs.NewFromConfig(w.aws), HTTP: w.process.HTTP, Log: w.log, Times: w.times,
	}
}

// newBook returns the ledger of an environment. GitHub says whether the run that has its lock is over.
func (w *wiring) newBook(name string) ledger.Book {
	s := w.settings
	book := ledger.Book{
		API: ssm.NewFromConfig(w.aws), Service: s.Service, Environment: name,
		Run: ledger.NewRun(s.RunID, s.RunAttempt, s.RunURL),
	}
	if w.github != nil {
		book.Over = func(ctx context.Context, r ledger.Run) (bool, error) {
			id, err := strconv.ParseInt(r.ID, 10, 64)
			if err != nil {
				return false, err
			}
			attempt, err := strconv.Atoi(r.Attempt)
			if err != nil {
				attempt = 1
			}
			return w.github.RunIsOver(ctx, id, attempt)
		}
	}
	return book
}
