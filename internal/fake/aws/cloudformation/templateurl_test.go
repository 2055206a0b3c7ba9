package cloudformation_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	fakeaws "pr-stack/internal/fake/aws"
)

const bucketTemplate = `
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: templates
      LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 1}]}
`

// put stores a template with the SDK's own client, and returns its address.
func (s tester) put(key, body string) string {
	s.Helper()
	_, err := s3.NewFromConfig(s.Config()).PutObject(s.Context(), &s3.PutObjectInput{
		Bucket: aws.String("templates"), Key: &key, Body: strings.NewReader(body),
	})
	if err != nil {
		s.Fatal(err)
	}
	return "https://templates.s3.eu-north-1.amazonaws.com/" + key
}

// large returns a template of a number of bytes.
func large(size int) string {
	return small + "#" + strings.Repeat("x", size-len(small)-1)
}

func (s tester) createFrom(address string) error {
	s.Helper()
	_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("by-url"), TemplateURL: &address})
	return err
}

func TestTemplateURL_is_read_from_S3(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(bucketTemplate, false)
		s.wantStatus("CREATE_COMPLETE")
		body := large(1_000_000)
		address := s.put("a/b.yaml", body)
		s.must(s.createFrom(address))
		if got := s.describe("by-url"); got.StackStatus != "CREATE_COMPLETE" {
			t.Errorf("the stack is in %s", got.StackStatus)
		}
		got, err := s.cfn.GetTemplate(s.Context(), &cloudformation.GetTemplateInput{StackName: aws.String("by-url")})
		if err != nil || *got.TemplateBody != body {
			t.Errorf("GetTemplate does not return the body: %v", err)
		}
		if _, err := s.cfn.GetTemplateSummary(s.Context(), &cloudformation.GetTemplateSummaryInput{TemplateURL: &address}); err != nil {
			t.Errorf("GetTemplateSummary error = %v", err)
		}
		_, err = s.cfn.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("by-url"), TemplateURL: &address})
		if err == nil || !strings.Contains(err.Error(), "No updates are to be performed.") {
			t.Errorf("an update with the same template = %v, want no updates", err)
		}
	})
}

func TestTemplateURL_is_refused_in_AWSs_words(t *testing.T) {
	const more = "\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
	const host = "https://templates.s3.eu-north-1.amazonaws.com/"
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(bucketTemplate, false)
		s.put("large", large(1_000_001))
		s.put("good", small)
		for address, want := range map[string]string{
			host + "none":                       "S3 error: The specified key does not exist." + more,
			"https://s3.amazonaws.com/nobody/x": "S3 error: The specified bucket does not exist" + more,
			host + "large":                      "Template may not exceed 1000000 bytes in size.",
			"https://example.com/x":             "TemplateURL must be a supported URL.",
			"./nested.yaml":                     "TemplateURL must be a supported URL.",
		} {
			s.wantInvalid(s.createFrom(address), want)
		}
		s.must(s.createFrom("https://s3.amazonaws.com/templates/good")) // the other form of an address
		_, err := s.cfn.CreateStack(s.Context(), &cloudformation.CreateStackInput{StackName: aws.String("x"), TemplateBody: aws.String(large(51_201))})
		if err == nil || !strings.Contains(err.Error(), "Member must have length less than or equal to 51200") {
			t.Errorf("a body of 51,201 bytes = %.200v", err)
		}
	})
}

// CloudFormation reads the template with the caller's rights.
func TestTemplateURL_needs_the_right_to_read_it(t *testing.T) {
	const policy = `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"},
		{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::templates/mine/*"}]}`
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(bucketTemplate, false)
		s.put("yours/t", small)
		role, err := s.AddRole("r", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`, policy)
		if err != nil {
			t.Fatal(err)
		}
		config := s.ConfigAs(role)
		objects := s3.NewFromConfig(config)
		for key, denied := range map[string]bool{"mine/t": false, "yours/t": true} {
			_, err := objects.PutObject(s.Context(), &s3.PutObjectInput{Bucket: aws.String("templates"), Key: &key, Body: strings.NewReader(small)})
			want := fmt.Sprintf("is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::templates/%s\" because no", key)
			if (err != nil) != denied || denied && !strings.Contains(err.Error(), want) {
				t.Errorf("PutObject %s = %v, denied should be %v", key, err, denied)
			}
			_, err = cloudformation.NewFromConfig(config).GetTemplateSummary(s.Context(), &cloudformation.GetTemplateSummaryInput{
				TemplateURL: aws.String("https://templates.s3.eu-north-1.amazonaws.com/" + key),
			})
			if (err != nil) != denied || denied && !strings.Contains(err.Error(), "S3 error: Access Denied") {
				t.Errorf("GetTemplateSummary %s = %v, denied should be %v", key, err, denied)
			}
		}
	})
}

func TestBucket_expires_its_objects_and_goes_only_when_empty(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(bucketTemplate, false)
		s.put("a", small)
		s.delete(cloudformation.DeleteStackInput{})
		s.wantEvents("s", `DELETE_FAILED Bucket Resource handler returned message: "The bucket you tried to delete is not empty (Service: S3, Status Code: 409`)
		<-time.After(23 * time.Hour)
		if got := s.ObjectKeys("templates"); len(got) != 1 {
			t.Errorf("within a day the bucket has %q, want the object", got)
		}
		<-time.After(25 * time.Hour) // the time is rounded up to midnight
		if got := s.ObjectKeys("templates"); len(got) != 0 {
			t.Errorf("after two days the bucket has %q, want nothing", got)
		}
		s.delete(cloudformation.DeleteStackInput{})
		s.wantEvents("s", "DELETE_COMPLETE s")
	})
}

func TestObject_comes_back_as_it_was_put(t *testing.T) {
	run(t, fakeaws.Options{}, func(s tester) {
		s.create(bucketTemplate, false)
		s.put("ä b/c+d", small)
		got, err := s3.NewFromConfig(s.Config()).GetObject(s.Context(), &s3.GetObjectInput{Bucket: aws.String("templates"), Key: aws.String("ä b/c+d")})
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(got.Body); err != nil || string(text) != small {
			t.Errorf("GetObject = %q, %v, want %q", text, err, small)
		}
		_, err = s3.NewFromConfig(s.Config()).GetObject(s.Context(), &s3.GetObjectInput{Bucket: aws.String("templates"), Key: aws.String("none")})
		if err == nil || !strings.Contains(err.Error(), "NoSuchKey") {
			t.Errorf("GetObject of none = %v, want NoSuchKey", err)
		}
	})
}
