package scenario

import (
	"net/http"
	"time"

	fakeaws "pr-stack/internal/fake/aws"
)

// containers are the scenarios of a container or its image.
var containers = []Scenario{
	{"exit-0", "the container ends at once, and well",
		exits(fakeaws.Exit{After: 2 * time.Second}, "nothing to do"), nil},
	{"exit-1", "the container ends at once with an error",
		exits(fakeaws.Exit{After: 2 * time.Second, Code: 1},
			"starting hello-world", "", "Error: Cannot find module 'express'",
			"    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)"), nil},
	{"hostile-log", "the container ends, and its log tries to command the runner",
		exits(fakeaws.Exit{After: time.Second, Code: 1},
			"::add-mask::e", "::set-output name=url::http://evil.example", "##[error]all is lost",
			"\x1b[31mred\x1b[0m \u202etxt.exe", "```", "<img src=x onerror=alert(1)> @everyone"), nil},
	{"out-of-memory", "the container needs more memory than its task has",
		exits(fakeaws.Exit{After: 5 * time.Second, Code: 137,
			Reason: "OutOfMemoryError: Container killed due to memory usage"}, "loading 4 GB of model"), nil},
	{"killed", "something kills the container",
		exits(fakeaws.Exit{After: 5 * time.Second, Code: 137}, "working"), nil},
	{"wrong-platform", "the image is for another processor",
		exits(fakeaws.Exit{After: time.Second, Code: 1}, "exec /app: exec format error"), nil},
	{"no-image", "the image is not in the repository",
		pull("CannotPullContainerError: pull image manifest has been retried 1 time(s): " +
			"failed to resolve ref 123456789012.dkr.ecr.eu-north-1.amazonaws.com/hello-world:pr-7: " +
			"123456789012.dkr.ecr.eu-north-1.amazonaws.com/hello-world:pr-7: not found"), nil},
	{"image-denied", "the image may not be pulled",
		pull("CannotPullContainerError: pull image manifest has been retried 1 time(s): " +
			"failed to resolve ref docker.io/octo-org/private:1: " +
			"pull access denied, repository does not exist or may require authorization: " +
			"server message: insufficient_scope: authorization failed"), nil},
	{"no-secret", "a secret of the task definition may not be read",
		pull("ResourceInitializationError: unable to pull secrets or registry auth: " +
			"execution resource retrieval failed: unable to retrieve secret from asm: AccessDeniedException: " +
			"User: arn:aws:sts::123456789012:assumed-role/task-execution/0 is not authorized to perform: " +
			"secretsmanager:GetSecretValue"), nil},
	{"no-task-role", "the task's role cannot be assumed",
		pull("ECS was unable to assume the role 'arn:aws:iam::123456789012:role/gone' that was provided for this task. " +
			"Please verify that the role being passed has the proper trust relationship and permissions " +
			"and that your IAM user has permissions to pass this role."), nil},
	{"wrong-port", "the code listens on another port", func(c fakeaws.Container) fakeaws.Container {
		c.Port = 3000
		c.Log = []string{"> hello-world@1.0.0 start", "Server listening on http://0.0.0.0:3000"}
		return c
	}, nil},
	{"slow-start", "the code takes longer to start than it is given", func(c fakeaws.Container) fakeaws.Container {
		c.StartDelay, c.Log = 10*time.Minute, []string{"migrating the database, step 1 of 212"}
		return c
	}, nil},
	{"hangs", "the code takes connections and does not answer", func(c fakeaws.Container) fakeaws.Container {
		c.Hang, c.Log = true, []string{"waiting for db.internal:5432"}
		return c
	}, nil},
	{"path-404", "the code does not know health-check-path", answers(http.StatusNotFound, "GET / 404"), nil},
	{"path-401", "health-check-path needs a login", answers(http.StatusUnauthorized), nil},
	{"path-500", "the code fails on health-check-path",
		answers(http.StatusInternalServerError, "GET / 500",
			"TypeError: Cannot read properties of undefined (reading 'rows')"), nil},
	{"no-quota", "the account's quota of vCPUs is used up",
		unplaced("You've reached the limit on the number of vCPUs you can run concurrently"), nil},
	{"no-capacity", "AWS has no capacity",
		unplaced("Capacity is unavailable at this time. Please try again later or in a different availability zone."), nil},
}

func exits(exit fakeaws.Exit, log ...string) func(fakeaws.Container) fakeaws.Container {
	return func(c fakeaws.Container) fakeaws.Container {
		c.Exit, c.Log = &exit, log
		return c
	}
}

func pull(reason string) func(fakeaws.Container) fakeaws.Container {
	return func(c fakeaws.Container) fakeaws.Container {
		c.PullError = reason
		return c
	}
}

func unplaced(reason string) func(fakeaws.Container) fakeaws.Container {
	return func(c fakeaws.Container) fakeaws.Container {
		c.Unplaced = reason
		return c
	}
}

func answers(status int, log ...string) func(fakeaws.Container) fakeaws.Container {
	return func(c fakeaws.Container) fakeaws.Container {
		c.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		c.Log = log
		return c
	}
}
