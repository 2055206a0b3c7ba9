package template

// The names of what a canary needs of a template.
const (
	StrategyParameter           = "Strategy"              // how a new version replaces the old one
	InfrastructureRoleParameter = "InfrastructureRoleArn" // the role with which ECS moves requests
	CanaryPercentParameter      = "CanaryPercent"         // percent of the requests that the new version gets first

	CanaryStrategy = "canary"
)

// IsCanary reports whether ECS owns the weights of the listener rule of a stack with these parameters.
func IsCanary(parameters map[string]string) bool {
	return parameters[StrategyParameter] == CanaryStrategy
}
