package cloudformation

import "maps"

// Maker returns the stack that has made something, by its physical ID.
func (c *Engine) Maker(physicalID string) (name, status string) {
	for _, s := range c.stacks {
		for _, r := range s.resources {
			if r.PhysicalID == physicalID {
				return s.name, s.status
			}
		}
	}
	return "", ""
}

// Made returns the physical IDs of what a stack has of a type.
func (c *Engine) Made(name, kind string) (ids []string) {
	s := c.stack(name)
	if s == nil {
		return nil
	}
	for _, r := range s.resources {
		if r.Type == kind && r.PhysicalID != "" {
			ids = append(ids, r.PhysicalID)
		}
	}
	return ids
}

// Now returns the status of a stack and the values of its parameters; "" if there is no such stack.
func (c *Engine) Now(name string) (status string, parameters map[string]string) {
	s := c.stack(name)
	if s == nil {
		return "", nil
	}
	return s.status, maps.Clone(s.settings.values)
}
