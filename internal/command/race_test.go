//go:build race

package command_test

// historyCount is how many random histories are played: the race detector makes each ten times as
// slow, and its run is beside the one that plays them all.
const historyCount = 16
