//go:build !race

package command_test

// histories1000 is how many random histories are played.
const histories1000 = 1000
