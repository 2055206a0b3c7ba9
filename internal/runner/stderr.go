package runner

import (
	"io"
	"log"
)

// SilenceLibraries discards what libraries log to standard error by themselves, for the whole process.
// The runner looks for commands there, too, and net/http quotes what a server sent without being asked.
func SilenceLibraries() { log.SetOutput(io.Discard) }
