//go:build race

package command_test

const raceDetector = true

// historyCount is how many random histories are played: the race detector makes each ten times as
// slow, and CI runs the tests without it as well.
const historyCount = 16

// played are the stories in which something happens at the same time as something else: a signal, another
// run, a daemon, what GitHub is told. The race detector makes each ten times as slow, and shows nothing in
// the others, which CI plays without it.
var played = []string{
	"api", "artifacts", "bad_days", "bootstrap", "cancelled", "comment", "fork_pair", "github_trouble", "interrupted",
	"lambda", "lifecycle", "promote_canary", "promote_interrupted_listener", "sign_in_long",
}
