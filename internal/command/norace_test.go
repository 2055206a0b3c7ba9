//go:build !race

package command_test

const raceDetector = false

// historyCount is how many random histories are played.
const historyCount = 1000

// leftOut are the stories that are not played.
var leftOut []string
