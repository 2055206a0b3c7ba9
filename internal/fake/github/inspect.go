package github

// Deployment is a deployment as it is now.
type Deployment struct {
	Ref, Environment, Task string
	Transient, Production  bool
	Statuses               []Status // oldest first
}

// Status is one of a deployment's statuses.
type Status struct {
	State, URL, LogURL, Description string
}

// Deployments returns the deployments to an environment, oldest first; "" is all environments.
func (g *GitHub) Deployments(environment string) (list []Deployment) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, d := range g.deployments {
		if environment != "" && d.environment != environment {
			continue
		}
		shown := Deployment{
			Ref: d.ref, Environment: d.environment, Task: d.task, Transient: d.transient, Production: d.production,
		}
		for _, s := range g.statuses {
			if s.deployment == d {
				shown.Statuses = append(shown.Statuses, Status{s.state, s.url, s.log, s.description})
			}
		}
		list = append(list, shown)
	}
	return list
}
