//go:build !race

package command_test

const raceDetector = false

// historyCount is how many random histories are played.
const historyCount = 1000

// played are the stories that are played; nil: all of them.
var played []string
