package ecs

// Desired returns how many tasks a service is to run.
func (e *ECS) Desired(arn string) int {
	if s := e.service(arn); s != nil {
		return s.desired
	}
	return 0
}
