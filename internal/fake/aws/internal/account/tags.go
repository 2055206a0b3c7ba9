package account

// Tags returns the tags of a resource, as far as the account knows them.
func (a *Account) Tags(arn string) map[string]string {
	if a.TagsOf == nil {
		return nil
	}
	return a.TagsOf(arn)
}

// WithResourceTags returns the access to a resource that has these tags, for conditions on
// aws:ResourceTag/KEY.
func (a Access) WithResourceTags(tags map[string]string) Access {
	for key, value := range tags {
		a = a.With("aws:ResourceTag/"+key, value)
	}
	return a
}

// WithRequestTags returns the access of a request that sets these tags, for conditions on
// aws:RequestTag/KEY and aws:TagKeys.
func (a Access) WithRequestTags(tags map[string]string) Access {
	for key, value := range tags {
		a = a.With("aws:RequestTag/"+key, value)
	}
	return a
}
