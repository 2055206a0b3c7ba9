package permissions

// permanent are the further statements of a role that deploys a permanent environment: it has the changes
// of its stack worked out before it makes them, and protects it from being deleted. The role of previews has
// neither: whoever may push a branch could otherwise take the protection of what serves production away.
//
// A change set is of a stack that exists and has the role's tags, and has them after it, so none can be made
// for another stack, or create one. What it shows is made by UpdateStack, and no statement allows to execute it.
func (s scope) permanent() []Statement {
	create := s.tagged(requestTag, resourceTag)
	tag := s.tagged(requestTag)
	tag["StringEquals"]["cloudformation:CreateAction"] = []string{"CreateChangeSet"}
	return []Statement{
		allow("CreateChangeSets", on("cloudformation", "CreateChangeSet"), s.each("cloudformation", "stack/", "/*"), create),
		allow("TagChangeSets", on("cloudformation", "TagResource"), s.each("cloudformation", "stack/", "/*"), tag),
		allow("PermanentStacks", on("cloudformation", "DescribeChangeSet", "DeleteChangeSet", "UpdateTerminationProtection"),
			s.each("cloudformation", "stack/", "/*"), s.tagged(resourceTag)),
	}
}
