package config

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pr-stack/internal/environment"
	"pr-stack/internal/policy"
)

var digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// productionName is the environment that is promoted to unless another is named.
const productionName = "production"

// PromoteBy is what a promotion moves. Package release says what each means.
type PromoteBy string

// The choices of the input promote-by.
const (
	ByDigest   PromoteBy = "digest"
	ByListener PromoteBy = "listener"
	ByRecord   PromoteBy = "record"
)

// Strategy is how ECS replaces the tasks of a permanent environment.
type Strategy string

// The choices of the input strategy.
const (
	Rolling Strategy = "rolling"
	Canary  Strategy = "canary" // a part of the requests first, and back by itself if nobody says that it is good
)

// Production is what is said of a service's production. Promote and Rollback have it.
type Production struct {
	By       PromoteBy // "": what the base stack says, else digest
	Hostname string    // by listener or record; "": the environment's name below the base stack's domain
	Strategy Strategy  // by digest
	Force    bool      // go on although the ledger differs from what AWS has, or another run has the lock
	ByHand   bool      // a person started the run
}

// Gates are in which steps a new version gets requests, and what each must pass: of a promotion, and of a
// canary.
type Gates struct {
	Steps []int // percent of the requests, which grow to 100; a canary has the first of them
	// BakeTime is how long each step must be good; 0: 3 minutes, or 5 with records, which resolvers keep.
	BakeTime    time.Duration
	MinRequests int      // in a step; fewer say nothing; 0: requests are not judged
	Alarms      []string // names of CloudWatch alarms that must not be in ALARM
}

// Promote is the job to bring production to what was tested. By digest, it deploys the permanent
// environment: Deploy says how, and what to build if nothing that was tested is the same code.
type Promote struct {
	Deploy
	Production
	Branch       string        // to which the pull request was merged
	KeepFor      time.Duration // how long the generation before stays at full size
	OnlyTested   bool          // nothing is built: what was not tested is refused
	ExpectDigest string        // of the image, as somebody has verified it; "": any
	// ImageProblem and TemplateProblem are why the checkout has nothing to build, or no template; nil if it
	// has. By listener or record nothing is taken from it.
	ImageProblem, TemplateProblem error
	SharesData                    bool // a candidate's own database is known to be production's
}

// Rollback is the job to go back to the generation before.
type Rollback struct {
	Deploy // of the permanent environment; its Image and Template are not used
	Production
}

// Overview is the job to say what every environment runs.
type Overview struct {
	Settings
	JSON     bool   // print JSON and nothing else
	Hostname string // of production, as in Destroy
}

// productionOptions returns what is said of production. Each job that deals with a part of it is checked for all.
func (l *loader) productionOptions() Production {
	p := Production{Force: l.bool("force"), Strategy: oneOf(l, "strategy", Rolling, Canary), Hostname: l.text("hostname")}
	if p.By = PromoteBy(l.text("promote-by")); p.By != "" {
		p.By = oneOf(l, "promote-by", ByDigest, ByListener, ByRecord)
	}
	if p.Hostname != "" && !domain.MatchString(p.Hostname) {
		l.addf("hostname", "write it as www.example.com", "%s is not a host name", quote(p.Hostname))
	}
	event := l.trigger.Event
	p.ByHand = event == "" || event == "workflow_dispatch" || event == "repository_dispatch"
	return p
}

// production returns the job to promote, or to roll back.
func (l *loader) production(verb policy.Verb, deploy Deploy, p Production, built policy.Built) Job {
	l.checkPermanent(deploy.Environment)
	if verb == policy.Rollback {
		return Rollback{Deploy: deploy, Production: p}
	}
	return l.fromCheckout(l.promote(deploy, p), built)
}

// promote returns the job to promote. By digest it may have to build, and then checks the checkout.
func (l *loader) promote(deploy Deploy, production Production) Promote {
	p := Promote{
		Deploy: deploy, Production: production, Branch: l.environ["GITHUB_REF_NAME"],
		KeepFor: l.duration("keep-for", time.Hour, 30*24*time.Hour), OnlyTested: l.bool("require-tested"),
		ExpectDigest: l.text("expect-digest"), SharesData: l.bool("shares-data"),
	}
	if p.ExpectDigest != "" && !digest.MatchString(p.ExpectDigest) {
		l.addf("expect-digest", "write sha256: and 64 hexadecimal digits", "%s is not a digest", quote(p.ExpectDigest))
	}
	return p
}

// fromCheckout adds to a promotion what it takes from the checkout, and why something of it cannot be had.
// That is no problem until it is needed.
func (l *loader) fromCheckout(p Promote, built policy.Built) Promote {
	image, template := &loader{Inputs: l.Inputs}, &loader{Inputs: l.Inputs}
	p.Image = image.image()
	if p.ImageProblem = errors.Join(image.list...); p.ImageProblem != nil {
		p.Image = nil
	}
	if b, ok := p.Image.(Build); ok {
		p.BuildInputs, p.BuiltCommit = l.buildInputs(b, built)
	}
	p.Template = template.template(p.Image)
	p.TemplateProblem = errors.Join(template.list...)
	return p
}

func (l *loader) gates() Gates {
	return Gates{
		Steps: l.steps(), BakeTime: l.duration("bake-time", time.Second, 24*time.Hour),
		MinRequests: l.wholeNumber("min-requests", 0, 1_000_000), Alarms: lines(l.values["alarms"]),
	}
}

// steps returns the input steps: percents that grow, of which the last is 100.
func (l *loader) steps() (steps []int) {
	text := l.text("steps")
	for _, word := range words(text) {
		n, err := strconv.Atoi(strings.TrimSuffix(word, "%"))
		if err != nil || n < 1 || n > 100 || len(steps) > 0 && n <= steps[len(steps)-1] {
			l.addf("steps", "write percents that grow, such as 5 25 50 100", "%s are not valid steps", quote(text))
			return nil
		}
		steps = append(steps, n)
	}
	if len(steps) == 0 || steps[len(steps)-1] != 100 {
		steps = append(steps, 100)
	}
	return steps
}

// duration returns an input that is a duration; 0 if it is empty.
func (l *loader) duration(input string, least, most time.Duration) time.Duration {
	text := l.text(input)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, errNumber := strconv.Atoi(days)
		d, err = time.Duration(n)*24*time.Hour, errNumber
	}
	if err != nil || d < least || d > most {
		l.addf(input, "write it as 90s, 5m, 2h or 7d, from "+short(least)+" to "+short(most), "%s is not a valid duration", quote(text))
	}
	return d
}

// short returns a duration of whole seconds, hours or days as people write it.
func short(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0:
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	case d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	}
	return d.String()
}

func (l *loader) wholeNumber(input string, least, most int) int {
	text := l.text(input)
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		l.addf(input, "write a whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most), "%s is not valid", quote(text))
	}
	return n
}

// lines returns the lines of an input that are not empty, without the blanks around them.
func lines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	return list
}

// promotes reports whether the command is about production, unless another environment is named and
// whatever the event is about.
func (in *Inputs) promotes() bool {
	command := policy.Verb(in.text("command"))
	return command == policy.Promote || command == policy.Rollback
}

// checkPermanent refuses to promote to the environment of a pull request.
func (l *loader) checkPermanent(e environment.Environment) {
	if e.PullRequest > 0 {
		l.addf("environment", "leave it out for production, or name a permanent environment", "%s is a pull request's environment", quote(e.Name))
	}
	l.checkPermanentName(e)
}
