package permissions

// looking are the further statements of the roles that delete previews: before that, what serves
// production is looked at. It reads, and writes nothing: whoever writes the ledger decides what a rollback
// brings back.
func (p production) looking() []Statement {
	switch {
	case p.byListener():
		return []Statement{p.readLedger()}
	case p.byRecord():
		return []Statement{p.readLedger(), p.readRecords()}
	}
	return nil
}

// retiring are the further statements of the role that sweeps, for environments that served production, and,
// by digest, for those whose image was promoted. It may lift the protection of previews' stacks, and starts
// no task by changing how many run: a request that names a task definition is not allowed.
func (p production) retiring() []Statement {
	switch {
	case p.way == byDigest:
		return []Statement{p.readLedger()}
	case !p.byListener() && !p.byRecord():
		return nil
	}
	count := p.previews.tagged(resourceTag)
	count["Null"] = map[string][]string{"ecs:task-definition": {"true"}}
	return []Statement{
		allow("LiftFence", on("cloudformation", "UpdateTerminationProtection"), p.previews.each("cloudformation", "stack/", "/*"), p.previews.tagged(resourceTag)),
		allow("RestTasks", on("ecs", "UpdateService"), p.previews.generated("ecs", "service/"+p.previews.cluster+"/"), count),
	}
}

func (p production) readLedger() Statement {
	return allow("ReadLedger", on("ssm", "GetParameter"),
		[]string{p.parameters("ledger")}, nil)
}
