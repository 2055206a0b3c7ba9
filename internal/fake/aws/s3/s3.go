// Package s3 is S3: buckets and their objects, each of which has one version. Without ListBucket, S3
// hides whether an object exists; here everyone who may read an object sees that.
package s3

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/property"
	"pr-stack/internal/fake/aws/internal/wire"
)

// S3 is the account's buckets. They are private: only the account's principals are allowed anything.
type S3 struct {
	account *account.Account
	buckets map[string]*bucket
}

// New returns an S3 without buckets.
func New(a *account.Account) *S3 { return &S3{account: a, buckets: map[string]*bucket{}} }

type bucket struct {
	objects map[string]object
	rules   []rule
}

type object struct {
	body string
	made time.Time
}

// rule expires the objects whose keys begin with a prefix.
type rule struct {
	prefix string
	after  time.Duration
}

// readRules reads the rules of a lifecycle configuration that expire objects by their age.
func readRules(configuration any) (rules []rule) {
	for _, v := range property.List(property.Object(configuration)["Rules"]) {
		written := property.Object(v)
		days := property.Number(written["ExpirationInDays"], 0)
		if days > 0 && property.Text(written["Status"]) == "Enabled" {
			rules = append(rules, rule{property.Text(written["Prefix"]), time.Duration(days) * 24 * time.Hour})
		}
	}
	return rules
}

// expired reports whether an object has expired. S3 rounds the time up to the next midnight, UTC.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
func (r rule) expired(key string, o object, now time.Time) bool {
	const day = 24 * time.Hour
	ends := o.made.Add(r.after).Add(day - 1).Truncate(day)
	return strings.HasPrefix(key, r.prefix) && !now.Before(ends)
}

// Operations returns the API.
func (s *S3) Operations() wire.Operations {
	return wire.Operations{Objects: map[string]wire.ObjectCall{
		"PutObject":    s.putObject,
		"GetObject":    func(q wire.Request) ([]byte, error) { return s.getObject(q.Bucket, q.Key) },
		"DeleteObject": s.deleteObject,
	}}
}

func (s *S3) bucket(name string) (*bucket, error) {
	b := s.buckets[name]
	if b == nil {
		return nil, &wire.APIError{Status: 404, Code: "NoSuchBucket", Message: "The specified bucket does not exist"}
	}
	for key, o := range b.objects {
		for _, r := range b.rules {
			if r.expired(key, o, s.account.Now()) {
				delete(b.objects, key)
			}
		}
	}
	return b, nil
}

func (s *S3) putObject(q wire.Request) ([]byte, error) {
	return nil, s.Put(q.Bucket, q.Key, string(q.Body))
}

// Put puts an object into a bucket.
func (s *S3) Put(bucket, key, body string) error {
	b, err := s.bucket(bucket)
	if err == nil {
		b.objects[key] = object{body, s.account.Now()}
	}
	return err
}

func (s *S3) getObject(bucket, key string) ([]byte, error) {
	b, err := s.bucket(bucket)
	if err != nil {
		return nil, err
	}
	found, ok := b.objects[key]
	if !ok {
		return nil, &wire.APIError{Status: 404, Code: "NoSuchKey", Message: "The specified key does not exist."}
	}
	return []byte(found.body), nil
}

// deleteObject deletes an object. That there is none is no error.
func (s *S3) deleteObject(q wire.Request) ([]byte, error) {
	b, err := s.bucket(q.Bucket)
	if err == nil {
		delete(b.objects, q.Key)
	}
	return nil, err
}

// Keys returns the keys of a bucket's objects.
func (s *S3) Keys(bucket string) (keys []string) {
	b, err := s.bucket(bucket)
	if err != nil {
		return nil
	}
	for key := range b.objects {
		keys = append(keys, key)
	}
	return keys
}

// ReadTemplate returns a template for CloudFormation, with the rights of a caller. The words of its
// errors are recorded: iotFab/iota-aws-full-node#6, mlnrt/incident-response-and-forensic#1. An address
// that is none of S3 is refused.
func (s *S3) ReadTemplate(caller *account.Principal, address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "https" || !strings.Contains("."+parsed.Host, ".s3.") {
		return "", wire.Invalid("TemplateURL must be a supported URL.")
	}
	bucket, key := wire.Object(parsed)
	if caller.Check(s.access("GetObject", bucket, key)) != nil {
		return "", failed("Access Denied")
	}
	body, err := s.getObject(bucket, key)
	if err != nil {
		return "", failed(wire.AsAPIError(err).Message)
	}
	return string(body), nil
}

func failed(message string) error {
	return wire.Invalid(fmt.Sprintf("S3 error: %s\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", message))
}
