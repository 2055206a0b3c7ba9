package diagnosis

import (
	"fmt"
	"strings"
)

// API is what is known of an HTTP API that answers 503 Service Unavailable. Its zero value means that
// there is none.
type API struct {
	Link   string // state of its VPC link; "" if that is not known
	Listed bool   // Tasks is known
	Tasks  int    // that are registered in Cloud Map
}

// apiCases are for HTTP APIs, which reach tasks through a VPC link and find them in Cloud Map.
var apiCases = []cause{
	{
		"integration refused", reason(`integration uri should be a valid`),
		always("The API cannot lead to what the template names"),
		Facts.awsSays,
		always("behind a VPC link, set IntegrationUri to the ARN of a service of Cloud Map with an SRV record, or of a load balancer's listener: " +
			"a URL is refused"),
	},
	{
		"VPC link asleep", func(f Facts) bool { return f.API.Link == "INACTIVE" || f.API.Link == "PENDING" },
		always("The connection to your container is being switched on again"),
		func(f Facts) string { return "the API answers 503, because its VPC link is " + f.API.Link },
		always("API Gateway switches a VPC link off that nobody used for 60 days, and on again when it is asked, which takes a few minutes: " +
			"run the job again"),
	},
	{
		"VPC link broken", func(f Facts) bool { return f.API.Link != "" && f.API.Link != "AVAILABLE" },
		always("The connection to your container does not work"),
		func(f Facts) string { return "the API answers 503, because its VPC link is " + f.API.Link },
		always("see the VPC link in the API Gateway console; it is the base stack's, if that was created with ingress api"),
	},
	{
		"no task registered", func(f Facts) bool { return f.API.Listed && f.API.Tasks == 0 },
		always("No container is there for requests"),
		always("the API answers 503, because no task is registered in Cloud Map"),
		func(f Facts) string {
			return f.either("see whether DesiredCount is 0, and run the job again if tasks have only just started",
				"see whether DesiredCount is 0, and check that ServiceRegistries of the ECS service has the ARN that the integration has")
		},
	},
	{
		"API finds no listener", func(f Facts) bool { return f.API.Listed },
		func(f Facts) string {
			if port := otherPort(f); port != "" {
				return fmt.Sprintf("Your container does not answer on port %d, and its log mentions port %s", f.Service.Port, port)
			}
			return fmt.Sprintf("Your container does not answer on port %d", f.Service.Port)
		},
		func(f Facts) string {
			what := fmt.Sprintf("the API answers 503, although %d tasks are registered in Cloud Map with port %d", f.API.Tasks, f.Service.Port)
			what = strings.Replace(what, "1 tasks are", "1 task is", 1)
			if port := otherPort(f); port != "" {
				what += ", and the container's log mentions port " + port
			}
			return what
		},
		func(f Facts) string {
			return f.either("set the parameter ContainerPort to the port that the code listens on",
				"set ContainerPort in ServiceRegistries to the port that the code listens on") +
				"; it must listen on 0.0.0.0, not on localhost, and must not answer 503 itself"
		},
	},
}
