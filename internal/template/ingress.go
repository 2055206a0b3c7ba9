package template

// IngressParameter is the name of the parameter that says how requests reach an environment, and of the
// base stack's output with its default. With NoIngress they do not.
const (
	IngressParameter = "Ingress"
	NoIngress        = "none"
)
