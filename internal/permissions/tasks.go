package permissions

// oneOffTasks: seed, migrate and before-destroy run in tasks that pr-stack starts itself. They are of the
// stacks' own task definitions, in the base stack's cluster and subnets, with roles that the role may pass
// on anyway. They have the tags of the environment, without which they could not be stopped. A role can
// run no code by them that it could not deploy.
//
// These are always granted: bootstrap does not know which inputs the workflows will have.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
func (s scope) oneOffTasks() Statement {
	own := s.tagged(resourceTag)
	own["ArnEquals"] = map[string][]string{"ecs:cluster": {s.arn("ecs", "cluster/"+s.cluster)}}
	own["ForAllValues:StringLike"] = map[string][]string{"ecs:subnet": s.subnetPatterns()} // of RunTask
	return allow("OneOffTasks", on("ecs", "RunTask", "StopTask"), []string{s.arn("ecs", "task-definition/*"), s.tasks()}, own)
}

func (s scope) tagOneOffTasks() Statement {
	created := s.tagged(requestTag)
	created["StringEquals"]["ecs:CreateAction"] = []string{"RunTask"}
	return allow("TagOneOffTasks", on("ecs", "TagResource"), []string{s.tasks()}, created)
}

func (s scope) tasks() string { return s.arn("ecs", "task/"+s.cluster+"/*") }

// subnetPatterns match the base stack's subnets by ID and by ARN.
func (s scope) subnetPatterns() (patterns []string) {
	for _, id := range s.subnets {
		patterns = append(patterns, "*"+id)
	}
	return patterns
}
