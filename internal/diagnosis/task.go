package diagnosis

import "fmt"

// taskCases are for tasks that could not start, or ended by themselves.
var taskCases = []cause{
	{
		"image for another platform", otherPlatform, always("Your image is built for another processor"), imageFailed,
		always("build for the platform that the tasks run on: set platforms to linux/amd64, or the parameter CpuArchitecture to ARM64"),
	},
	{
		"image not allowed", stopped(`(?i)CannotPull.*(?:denied|authori[sz]|no basic auth|forbidden|403)`),
		always("ECS is not allowed to pull the image"), imageFailed,
		always("allow the task execution role to pull it (ecr:GetAuthorizationToken, ecr:BatchGetImage, " +
			"ecr:GetDownloadUrlForLayer), or write the image with its registry"),
	},
	{
		"image not found", stopped(`(?i)CannotPull(?:Container|ImageManifest).*(?:not found|does not exist|manifest unknown)`),
		always("ECS did not find the image"), imageFailed, findImage,
	},
	{
		"registry not reached", stopped(`(?i)CannotPull.*(?:i/o timeout|deadline exceeded|connection refused|no such host|Client.Timeout)`),
		always("ECS did not reach the registry"), imageFailed,
		always("give the tasks a route to the registry: a public address, a NAT gateway or VPC endpoints"),
	},
	{
		"image not pulled", stopped(`CannotPull`), always("ECS could not pull the image"), imageFailed,
		always("check the image and its registry"),
	},
	{
		"role not assumable", stopped(`(?i)unable to assume (?:the )?role`), always("ECS could not assume the task's role"), taskFailed,
		always("check that the task's roles exist and that their trust policies name ecs-tasks.amazonaws.com"),
	},
	{
		"secret or log not reached", stopped(`ResourceInitializationError`),
		always("ECS could not read a secret, or reach the log, of the task"), taskFailed,
		always("allow the task execution role to read the secrets and to write the log that the task definition names, " +
			"and give the tasks a route to them"),
	},
	{
		"out of memory", stopped(`OutOfMemory`),
		func(f Facts) string { return f.subject() + " needed more memory than it has" }, exited,
		parameter("raise the parameter Memory", "raise the memory of the task in your template", ", or make the code use less"),
	},
	{
		"killed", exit(137), exitedSummary, exited,
		func(f Facts) string {
			return "something sent it SIGKILL, most often because it needed more memory than its task has: see the log, and " +
				f.either("raise the parameter Memory", "raise the memory of the task in your template")
		},
	},
	{
		"exited without an error", exit(0), exitedSummary, exited,
		always("a service must keep running: make the image's command stay in the foreground"),
	},
	{"exited with an error", exitedByItself, exitedSummary, exited, readLog},
	{
		"not started", stopped(`CannotStartContainer|CannotCreateContainer|TaskFailedToStart`),
		always("Your container could not be started"), taskFailed, always("check the image's command and entry point"),
	},
}

// execFormat is what Linux says about a program for another processor.
const execFormat = "exec format error"

func otherPlatform(f Facts) bool {
	return stopped(`(?i)does not contain descriptor matching platform|exec format error`)(f) || logEnds(f, execFormat)
}

func exitedByItself(f Facts) bool { return f.Service.Last.ExitCode != nil && !isUnhealthy(f) }

func findImage(f Facts) string {
	if f.Inputs.Image {
		return "check the input image, and that its repository still has it"
	}
	return "the image is not in the repository any more: run the job again to build and push it again"
}

func readLog(f Facts) string {
	if len(f.Service.Last.Log) > 0 {
		return "the code ended by itself: the last lines of its log are the place to begin"
	}
	return "no log of it was found: run the image on your machine to see why it ends"
}

func imageFailed(f Facts) string {
	if logEnds(f, execFormat) {
		return "its image cannot be run: " + execFormat
	}
	return "its image cannot be run: " + awsReason(f)
}

func taskFailed(f Facts) string { return "its task did not start" + times(f) + ": " + awsReason(f) }

func taskUnhealthy(f Facts) string { return "its task was stopped" + times(f) + ": " + awsReason(f) }

// awsReason returns why the last task ended: the container's reason, or else the reason of ECS.
func awsReason(f Facts) string {
	if f.Service.Last.Detail != "" {
		return unwrap(f.Service.Last.Detail)
	}
	return unwrap(f.Service.Last.Reason)
}

func exited(f Facts) string {
	last := f.Service.Last
	text := "its container " + last.Container + " exited"
	if last.ExitCode != nil {
		text = fmt.Sprintf("%s with code %d", text, *last.ExitCode)
	}
	text += times(f)
	if words := awsReason(f); words != "" {
		text += ": " + words
	}
	return text
}

func exitedSummary(f Facts) string {
	return fmt.Sprintf("%s exited with code %d%s", f.subject(), *f.Service.Last.ExitCode, times(f))
}

// times returns how many tasks crashed, in words, if more than one did.
func times(f Facts) string {
	switch f.Service.Crashes {
	case 0, 1:
		return ""
	case 2:
		return ", twice"
	}
	return fmt.Sprintf(", %d times", f.Service.Crashes)
}
