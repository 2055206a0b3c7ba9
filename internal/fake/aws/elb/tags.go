package elb

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/wire"
)

// TagsOver returns the tags of resources, by their ARNs: those that a call has set over those that
// CloudFormation has.
func (e *ELB) TagsOver(tagsOf func(arn string) map[string]string) func(arn string) map[string]string {
	return func(arn string) map[string]string {
		called, ok := e.tags[arn]
		if !ok {
			return tagsOf(arn)
		}
		tags := maps.Clone(called)
		for key, value := range tagsOf(arn) {
			if _, set := tags[key]; !set {
				tags[key] = value
			}
		}
		return tags
	}
}

// tag adds tags to a resource, or changes their values.
func (e *ELB) tag(arn string, tags map[string]string) {
	if len(tags) == 0 {
		return
	}
	if e.tags[arn] == nil {
		e.tags[arn] = map[string]string{}
	}
	maps.Copy(e.tags[arn], tags)
}

func (e *ELB) addTags(form url.Values) (any, error) {
	arns := wire.Members(form, "ResourceArns")
	for _, arn := range arns {
		if refused := e.checkExists(arn); refused != (refusal{}) {
			return nil, refused.asAPI()
		}
	}
	for _, arn := range arns {
		e.tag(arn, wire.Pairs(form, "Tags", "Key", "Value"))
	}
	return nil, nil
}

func (e *ELB) describeTags(form url.Values) (any, error) {
	type tag struct{ Key, Value string }
	type described struct {
		ResourceArn string
		Tags        []tag `xml:"Tags>member"`
	}
	var answer struct {
		TagDescriptions []described `xml:"TagDescriptions>member"`
	}
	for _, arn := range wire.Members(form, "ResourceArns") {
		if refused := e.checkExists(arn); refused != (refusal{}) {
			return nil, refused.asAPI()
		}
		d := described{ResourceArn: arn}
		tags := e.account.Tags(arn)
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			d.Tags = append(d.Tags, tag{key, tags[key]})
		}
		answer.TagDescriptions = append(answer.TagDescriptions, d)
	}
	return answer, nil
}

// checkExists refuses the ARN of what does not exist.
func (e *ELB) checkExists(arn string) refusal {
	exists, refused := e.balancers[arn] != nil, noBalancer
	switch {
	case strings.Contains(arn, ":targetgroup/"):
		exists, refused = e.groups[arn] != nil, noGroup
	case strings.Contains(arn, ":listener/"):
		_, l := e.listener(arn)
		exists, refused = l != nil, noListener
	case strings.Contains(arn, ":listener-rule/"):
		_, _, r := e.rule(arn)
		exists, refused = r != nil, noRule
	}
	if exists {
		return refusal{}
	}
	return refused
}
