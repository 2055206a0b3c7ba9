package s3_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"pr-stack/internal/awsconfig"
	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/s3"
)

const body = "Resources: {}\n# ä\n"

// inBucket runs a test in an account that has a bucket.
func inBucket(t *testing.T, test func(t *testing.T, a *fakeaws.AWS, b s3.Bucket)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := fakeaws.New(fakeaws.Options{})
		_, err := cloudformation.NewFromConfig(a.Config()).CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("s"), TemplateBody: aws.String("Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: templates}}}"),
		})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		test(t, a, s3.Bucket{Config: a.Config(), Name: "templates"})
	})
}

func TestPut(t *testing.T) {
	const key = "hello-pr-7/ä b+c.template"
	inBucket(t, func(t *testing.T, a *fakeaws.AWS, b s3.Bucket) {
		address, err := b.Put(t.Context(), key, body)
		if want := "https://templates.s3.eu-north-1.amazonaws.com/hello-pr-7/%C3%A4%20b+c.template"; err != nil || address != want {
			t.Errorf("Put = %q, %v, want %q", address, err, want)
		}
		// The SDK's own client finds it under that key.
		got, err := sdk.NewFromConfig(a.Config()).GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("templates"), Key: aws.String(key)})
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(got.Body); err != nil || string(text) != body {
			t.Errorf("GetObject = %q, %v, want %q", text, err, body)
		}
	})
}

func TestPut_tries_again_if_S3_is_overloaded(t *testing.T) {
	inBucket(t, func(t *testing.T, a *fakeaws.AWS, b s3.Bucket) {
		a.Inject(fakeaws.Fault{Operation: "PutObject", Status: 503, Code: "SlowDown", Message: "Please reduce your request rate.", Times: 2})
		a.Inject(fakeaws.Fault{Operation: "PutObject", Break: true, Times: 1})
		if _, err := b.Put(t.Context(), "k", body); err != nil {
			t.Errorf("Put error = %v, want <nil> after the third attempt", err)
		}
		a.Inject(fakeaws.Fault{Operation: "PutObject", Status: 503, Code: "SlowDown", Message: "Please reduce your request rate.", Times: 99})
		_, err := b.Put(t.Context(), "k", body)
		if got, want := awsconfig.Message(err), "put k into bucket templates: SlowDown: Please reduce your request rate."; got != want {
			t.Errorf("Put error = %q, want %q", got, want)
		}
	})
}

func TestPut_is_not_repeated_if_it_is_refused(t *testing.T) {
	inBucket(t, func(t *testing.T, a *fakeaws.AWS, b s3.Bucket) {
		role, err := a.AddRole("r", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`)
		if err != nil {
			t.Fatal(err)
		}
		b.Config = a.ConfigAs(role)
		_, err = b.Put(t.Context(), "k", body)
		got := awsconfig.Message(err)
		if !strings.HasPrefix(got, "put k into bucket templates: AccessDenied: User: ") || awsconfig.Hint(err) == "" {
			t.Errorf("Put error = %q, hint %q, want S3's words and a hint", got, awsconfig.Hint(err))
		}
		b.Config, b.Name = a.Config(), "gone"
		if _, err := b.Put(t.Context(), "k", body); !errors.Is(err, s3.ErrNoBucket) {
			t.Errorf("Put into no bucket = %v, want ErrNoBucket", err)
		}
		puts := 0
		for _, c := range a.Calls() {
			if c.Operation == "PutObject" {
				puts++
			}
		}
		if puts != 2 {
			t.Errorf("PutObject was called %d times, want once for each", puts)
		}
	})
}

func TestPut_ends_with_its_context(t *testing.T) {
	inBucket(t, func(t *testing.T, a *fakeaws.AWS, b s3.Bucket) {
		a.Inject(fakeaws.Fault{Operation: "PutObject", Break: true, Times: 99})
		cause := errors.New("interrupted")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 3*time.Second, cause)
		defer cancel()
		if _, err := b.Put(ctx, "k", body); !errors.Is(err, cause) {
			t.Errorf("Put error = %v, want the cause", err)
		}
	})
}

func TestPut_uses_the_users_endpoint(t *testing.T) {
	inBucket(t, func(t *testing.T, a *fakeaws.AWS, b s3.Bucket) {
		b.Config.BaseEndpoint = aws.String("http://localhost:4566/")
		address, err := b.Put(t.Context(), "k", body)
		if want := "https://templates.s3.eu-north-1.amazonaws.com/k"; err != nil || address != want {
			t.Errorf("Put = %q, %v, want %q", address, err, want)
		}
		b.Config.BaseEndpoint, b.Config.Region = nil, "cn-north-1"
		if address, _ = b.Put(t.Context(), "k", body); address != "https://templates.s3.cn-north-1.amazonaws.com.cn/k" {
			t.Errorf("in China the address is %q", address)
		}
	})
}
