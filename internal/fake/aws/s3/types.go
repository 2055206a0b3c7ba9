package s3

import (
	"fmt"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// Types returns buckets.
func (s *S3) Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{"AWS::S3::Bucket": {
		Create: func(r *cloudformation.Resource, done func(error)) {
			name := s.nameOf(r)
			// S3's words; a handler adds its own around them.
			if s.buckets[name] != nil {
				s.account.After(time.Second, func() { done(fmt.Errorf("%s already exists", name)) })
				return
			}
			s.buckets[name] = &bucket{objects: map[string]object{}, rules: readRules(r.Properties["LifecycleConfiguration"])}
			r.PhysicalID = name
			r.Attributes["Arn"] = "arn:aws:s3:::" + name
			r.Attributes["DomainName"] = name + ".s3.amazonaws.com"
			r.Attributes["RegionalDomainName"] = name + ".s3." + s.account.Region + ".amazonaws.com"
			s.account.After(15*time.Second, func() { done(nil) })
		},
		Update: func(r *cloudformation.Resource, _ map[string]any, done func(error)) {
			s.buckets[r.PhysicalID].rules = readRules(r.Properties["LifecycleConfiguration"])
			s.account.After(10*time.Second, func() { done(nil) })
		},
		// createOnlyProperties of AWS's schema (pulumi-aws-native 43eed3b, 2026-08-07).
		Replaces:    cloudformation.AnyChanged("BucketName", "BucketNamePrefix", "BucketNamespace"),
		Taggable:    true,
		Retag:       10 * time.Second, // not recorded: as long as another update
		Permissions: s.permissions(),
		Delete:      s.deleteBucket,
	}}
}

// deleteBucket fails if the bucket has an object. The words are recorded:
// 'The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Request ID: …, Extended
// Request ID: …)' (RequestToken: …, HandlerErrorCode: GeneralServiceException).
func (s *S3) deleteBucket(r *cloudformation.Resource, done func(error)) {
	if len(s.Keys(r.PhysicalID)) > 0 {
		message := fmt.Sprintf("The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Request ID: %s, Extended Request ID: %s)",
			strings.ToUpper(s.account.Unique(16)), s.account.Unique(32))
		s.account.After(2*time.Second, func() { done(cloudformation.HandlerError(s.account, message, "GeneralServiceException")) })
		return
	}
	delete(s.buckets, r.PhysicalID)
	s.account.After(2*time.Second, func() { done(nil) })
}

// nameOf returns the name of a bucket, which has no upper-case letter.
func (s *S3) nameOf(r *cloudformation.Resource) string {
	if name := property.Text(r.Properties["BucketName"]); name != "" {
		return name
	}
	return strings.ToLower(r.GeneratedName(s.account, 63))
}

// settings are the properties of a bucket that have actions of their own, without their Get or Put.
var settings = map[string]string{
	"BucketEncryption":               "EncryptionConfiguration",
	"CorsConfiguration":              "BucketCORS",
	"LifecycleConfiguration":         "LifecycleConfiguration",
	"OwnershipControls":              "BucketOwnershipControls",
	"PublicAccessBlockConfiguration": "BucketPublicAccessBlock",
	"VersioningConfiguration":        "BucketVersioning",
}

// permissions are the actions of AWS's resource schema (handlers.*.permissions; pulumi-aws-native
// 43eed3b, 2026-08-07), for the properties that a bucket has. The handlers' code is closed: whether they
// also read what it has not is not known.
func (s *S3) permissions() cloudformation.Permissions {
	arn := func(r *cloudformation.Resource) string { return "arn:aws:s3:::" + s.nameOf(r) }
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(arn, actions...) }
	list := on("s3:ListBucket")
	var put, get cloudformation.Needs
	for name, action := range settings {
		put = cloudformation.All(put, on("s3:Put"+action).For(name))
		get = cloudformation.All(get, on("s3:Get"+action).For(name))
	}
	return cloudformation.Permissions{
		ARN:    arn,
		Create: on("s3:CreateBucket"),
		Made:   put,
		Read:   cloudformation.All(list, get),
		Update: cloudformation.All(list, put),
		Delete: cloudformation.All(list, on("s3:DeleteBucket")),
		Tag:    on("s3:PutBucketTagging", "s3:TagResource"),
		Untag:  on("s3:PutBucketTagging", "s3:UntagResource"),
		Refuse: cloudformation.RefuseAs(s.account, "S3", 403),
	}
}
