package diagnosis

import (
	"regexp"
	"slices"
	"strings"
)

// Function is a Lambda function whose URL did not answer.
type Function struct {
	Failed string // why Lambda gave it, or its last update, up
	// Uncalled: an HTTP API answers 500, and the function's log has nothing of a request.
	Uncalled bool
	Log      []string // the first lines of its log since its last change, not yet made safe to show
}

// Lines that Lambda itself writes, beside those of the code.
// https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-images.html
var (
	ofLambda    = regexp.MustCompile(`^(?:START|END|REPORT|INIT_REPORT|EXTENSION|XRAY)\b`)
	initFailed  = regexp.MustCompile(`^INIT_REPORT.*Phase: init\b.*Status: error`)
	endOfFirst  = regexp.MustCompile(`^RequestId: \S+ Error:|Task timed out after`)
	enoughTries = 3
)

// NeverStarts reports whether the code ended several times before it asked for a request. It does not
// start at the next request either.
func (f Function) NeverStarts() bool {
	tries := 0
	for _, line := range f.Log {
		if initFailed.MatchString(line) {
			tries++
		}
	}
	return tries >= enoughTries
}

// lines returns what the code wrote, and what Lambda said of it, until the first failure. The next
// requests fail in the same way.
func (f Function) lines() (lines []string) {
	for _, line := range f.Log {
		if ofLambda.MatchString(line) {
			continue
		}
		lines = append(lines, line)
		if endOfFirst.MatchString(line) {
			break
		}
	}
	return lines
}

// Knows reports whether a case fits what is known of a function.
func Knows(f Facts) bool {
	for _, c := range slices.Concat(functionCases, functionAPICases) {
		if c.fits(f) {
			return true
		}
	}
	return false
}

// functionCases are for functions that do not answer.
var functionCases = []cause{
	{
		"function for another platform", functionLog(`exec format error`), always("Your image is built for another processor"),
		functionSays(`exec format error`),
		always("build for the platform that the function runs on: set platforms to linux/amd64, or the parameter CpuArchitecture to ARM64"),
	},
	{
		"function's entry point", functionLog(`Runtime\.InvalidEntrypoint`), always("Lambda cannot start your image's command"),
		functionSays(`Launch error: .*|RequestId: \S+ Error: .*`),
		always("write the image's ENTRYPOINT, or CMD, with the absolute path of a program that is in the image and may be executed"),
	},
	{
		"function ended early", functionLog(`Status: error.*Error Type: (?:Runtime|Extension)\.\w+`),
		always("Your code ended before it took a request"), functionSays(`RequestId: \S+ Error: .*`), readFunctionLog,
	},
	{
		"function asks for no request", functionLog(`Phase: \w+\s+Status: timeout`),
		always("Your image does not ask Lambda for requests"),
		always("its code did not ask Lambda's runtime API for a request in time"),
		always("an image with a web server needs an adapter, such as aws-lambda-web-adapter, and the server must listen on the port in the variable PORT; " +
			"if the code is only slow to start, raise the parameter Memory, which gives it more CPU"),
	},
	{
		"function timed out", functionLog(`Task timed out after`), always("Your function did not answer in time"),
		functionSays(`Task timed out after .*`),
		parameter("see in its log what it waits for, or raise the parameter TimeoutInSeconds",
			"see in its log what it waits for, or raise the function's Timeout in your template", ""),
	},
	{
		"function without its image", func(f Facts) bool {
			return regexp.MustCompile(`ImageAccessDenied|permission to access`).MatchString(f.Function.Failed)
		},
		always("Lambda is not allowed to pull the image"), func(f Facts) string { return unwrap(f.Function.Failed) }, allowPull,
	},
	{
		"function given up by Lambda", func(f Facts) bool { return f.Function.Failed != "" }, always("Lambda gave the function up"),
		func(f Facts) string { return unwrap(f.Function.Failed) }, always("see the function in the Lambda console, and run the job again"),
	},
	{
		"function ended", functionLog(`Runtime\.ExitError|^RequestId: \S+ Error: `), always("Your function ended while it answered"),
		functionSays(`RequestId: \S+ Error: .*`), readFunctionLog,
	},
	{
		"function failed", functionLog(`\[ERROR\]|"errorType"`), always("Your function failed"),
		functionSays(`\[ERROR\].*|.*"errorType".*`), readFunctionLog,
	},
}

// functionAPICases are for functions of which the log says nothing.
var functionAPICases = []cause{{
	"function not called", func(f Facts) bool { return f.Function.Uncalled }, always("The API does not reach the function"),
	always("the HTTP API answers 500, and the function's log has nothing of a request"),
	always("add an AWS::Lambda::Permission for apigateway.amazonaws.com to the template; if there is one, let the function's role write the log"),
}}

// functionResourceCases are for resources of functions that CloudFormation could not create or update.
var functionResourceCases = []cause{
	{
		"kind of image", reason(`image manifest, config or layer media type|image manifest or layer media type`),
		always("Lambda does not take this kind of image"), resourceMessage,
		always("build for one platform and without attestations: docker build --provenance=false --sbom=false"),
	},
	{
		"image without permission", reason(`permission to access the ECR image`),
		always("Lambda is not allowed to pull the image"), resourceMessage, allowPull,
	},
	{
		"source image", reason(`Source image .* (?:does not exist|is not valid)`), always("Lambda did not find the image"), resourceMessage,
		always("a function's image must be in ECR, in the function's own region: leave the input image out, or correct it"),
	},
	{
		"function's role", reason(`role defined for the function cannot be assumed`), always("Lambda cannot assume the function's role"),
		resourceMessage, always("check that the role FunctionRoleArn exists, and that its trust policy names lambda.amazonaws.com"),
	},
	{
		"not invocable", reason(`principal does not have permission to invoke`), always("The load balancer may not invoke the function"),
		resourceMessage, always("add an AWS::Lambda::Permission for elasticloadbalancing.amazonaws.com to the template, and let the target group depend on it"),
	},
}

func allowPull(Facts) string {
	return "run bootstrap again with template: lambda, by which Lambda may pull from the base stack's repositories; to one of " +
		"your own, add a policy that allows lambda.amazonaws.com ecr:BatchGetImage and ecr:GetDownloadUrlForLayer"
}

func readFunctionLog(f Facts) string {
	if len(f.Function.lines()) > 0 {
		return "the lines of its log are the place to begin"
	}
	return "run the image on your machine to see why it ends"
}

func functionLog(pattern string) func(Facts) bool {
	p := regexp.MustCompile(pattern)
	return func(f Facts) bool {
		return slices.ContainsFunc(f.Function.Log, p.MatchString)
	}
}

var requestID = regexp.MustCompile(`^RequestId: \S+ Error: `)

// functionSays returns the first part of the function's log that fits the pattern, in one line.
func functionSays(pattern string) func(Facts) string {
	p := regexp.MustCompile(pattern)
	return func(f Facts) string {
		for _, line := range f.Function.Log {
			if found := p.FindString(line); found != "" {
				return "its code does not answer: " + strings.TrimRight(requestID.ReplaceAllString(strings.Join(strings.Fields(found), " "), ""), ". ")
			}
		}
		return "its code does not answer"
	}
}
