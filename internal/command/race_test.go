//go:build race

package command_test

const raceDetector = true

// historyCount is how many random histories are played: the race detector makes each ten times as
// slow, and CI runs the tests without it as well.
const historyCount = 16

// leftOut are stories in which one run follows another for hours: they take the race detector minutes,
// and nothing in them happens at the same time that does not in the others.
var leftOut = []string{"image_input", "ingress_troubles", "rules", "stuck", "sweep", "sweep_age", "too_slow"}
