package diagnosis

import "fmt"

func imageTrouble(f Facts) string {
	if logEnds(f, execFormat) {
		return "its image cannot be run: " + execFormat
	}
	return "its image cannot be run: " + taskWords(f)
}

// execFormat is what Linux says of a program for another processor.
const execFormat = "exec format error"

func taskSaid(f Facts) string { return "its task did not come up" + times(f) + ": " + taskWords(f) }

func taskWords(f Facts) string {
	if f.Service.Last.Detail != "" {
		return unwrap(f.Service.Last.Detail)
	}
	return unwrap(f.Service.Last.Reason)
}

// exited says how a container ended.
func exited(f Facts) string {
	last := f.Service.Last
	text := "its container " + last.Container + " ended"
	if last.ExitCode != nil {
		text = fmt.Sprintf("%s with exit code %d", text, *last.ExitCode)
	}
	text += times(f)
	if words := taskWords(f); words != "" {
		text += ": " + words
	}
	return text
}

// times says how often it happened, if more than once.
func times(f Facts) string {
	switch f.Service.Crashes {
	case 0, 1:
		return ""
	case 2:
		return ", twice"
	}
	return fmt.Sprintf(", %d times", f.Service.Crashes)
}

func illSaid(f Facts) string {
	return fmt.Sprintf("its container does not answer as it should on port %d: %s", f.Service.Port, unwrap(f.Service.Unhealthy))
}

func placeSaid(f Facts) string {
	return "no place was found for its task: " + unwrap(f.Service.Unplaced)
}

func resourceSaid(f Facts) string {
	if words := unwrap(f.Resource.Reason); words != "" {
		return words
	}
	return unwrap(f.Reason)
}
