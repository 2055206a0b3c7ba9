package cloudformation

import (
	"maps"
	"strings"

	"pr-stack/internal/fake/aws/internal/property"
)

// model is the state of a resource that a stack's template and tags ask for.
type model struct {
	properties map[string]any
	tags       map[string]string
}

func (r *Resource) model() model { return model{r.Properties, r.Tags} }

func (r *Resource) set(m model) { r.Properties, r.Tags = m.properties, m.tags }

// same reports whether there is nothing to update.
func (m model) same(other model) bool {
	return same(m.properties, other.properties) && maps.Equal(m.tags, other.tags)
}

// model returns the model of a resource in a stack with these settings. The stack's tags reach every
// resource that takes tags; a tag of the resource's own property wins.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
//
// AWS adds tags of its own, such as aws:cloudformation:stack-name. They are left out: they never
// change, no template can set them, and AWS::ECS::Service does not have them.
func (c *Engine) model(s *stack, with settings, definition templateResource) (model, error) {
	v, err := c.scope(s, with).resolve(definition.Properties)
	m := model{properties: property.Object(v)}
	if m.properties == nil {
		m.properties = map[string]any{}
	}
	if !c.types[definition.Type].Taggable {
		return m, err
	}
	m.tags = map[string]string{}
	maps.Copy(m.tags, with.tags)
	maps.Copy(m.tags, ownTags(m.properties["Tags"]))
	return m, err
}

// ownTags reads the property Tags: a list of Key and Value or, with some types, an object.
func ownTags(v any) map[string]string {
	tags := map[string]string{}
	for _, item := range property.List(v) {
		tags[property.Text(property.Object(item)["Key"])] = property.Text(property.Object(item)["Value"])
	}
	for key, value := range property.Object(v) {
		tags[key] = property.Text(value)
	}
	return tags
}

// tagsOf returns the tags of a stack, or of a resource that a stack created, by its ARN.
func (c *Engine) tagsOf(arn string) map[string]string {
	if s := c.stack(arn); s != nil {
		return s.settings.tags
	}
	return c.tagged[tagKey(arn)]
}

// tagKey returns the ARN under which the tags of a resource are kept. A log group's ARN ends in :*
// in some calls, and a stream is part of its group.
func tagKey(arn string) string {
	arn, _, _ = strings.Cut(arn, ":log-stream:")
	return strings.TrimSuffix(arn, ":*")
}

// retag records the tags that a resource has now.
func (c *Engine) retag(r *Resource) {
	kind := c.types[r.Type]
	if kind.Taggable && r.PhysicalID != "" && kind.Permissions.ARN != nil {
		c.tagged[tagKey(kind.Permissions.ARN(r))] = r.Tags
	}
}

func (c *Engine) untag(r *Resource) {
	if arn := c.types[r.Type].Permissions.ARN; arn != nil {
		delete(c.tagged, tagKey(arn(r)))
	}
}
