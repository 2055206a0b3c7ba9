package aws

import (
	"strings"
	"testing"
)

// storage has one resource of each type that holds data.
const storage = `
Parameters: {Visibility: {Type: String, Default: "30"}}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !Ref Visibility}}
  Bucket: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Name: /hello/visibility, Type: String, Value: !Ref Visibility}}
Outputs:
  Table: {Value: !Join [" ", [!Ref Table, !GetAtt Table.Arn]]}
  Queue: {Value: !Join [" ", [!Ref Queue, !GetAtt Queue.Arn, !GetAtt Queue.QueueName]]}
  Bucket: {Value: !Join [" ", [!Ref Bucket, !GetAtt Bucket.Arn, !GetAtt Bucket.RegionalDomainName]]}
`

func TestStorage_is_made_changed_tagged_and_deleted(t *testing.T) {
	withRights(t, func(r *rights) {
		body := []string{"TemplateBody", storage}
		r.must("CreateStack", append(tags("team", "a"), body...)...)
		r.wantEnd("CREATE_COMPLETE")
		const account = "eu-north-1:123456789012:"
		table, queue, bucket := r.physicalID("Table"), r.physicalID("Queue"), r.physicalID("Bucket")
		for _, want := range [][3]string{
			{"dynamodb:CreateTable", "arn:aws:dynamodb:" + account + "table/" + table, "aws:RequestTag/team=a"},
			{"sqs:CreateQueue", "arn:aws:sqs:" + account + queue[len("https://sqs.eu-north-1.amazonaws.com/123456789012/"):], "aws:RequestTag/team=a"},
			{"s3:CreateBucket", "arn:aws:s3:::" + bucket, "aws:CalledVia=cloudformation.amazonaws.com"},
			{"s3:PutBucketVersioning", "arn:aws:s3:::" + bucket, ""},
			{"ssm:PutParameter", "arn:aws:ssm:" + account + "parameter/hello/visibility", "aws:RequestTag/team=a"},
		} {
			r.wantAsked(want[0], want[1], want[2])
		}
		if value, found := r.store.Get("/hello/visibility"); !found || value != "30" {
			t.Errorf("the parameter is %q, found: %v", value, found)
		}

		changed := []string{"Parameters.member.1.ParameterKey", "Visibility", "Parameters.member.1.ParameterValue", "60"}
		r.must("UpdateStack", append(append(tags("team", "b"), body...), changed...)...)
		r.wantEnd("UPDATE_COMPLETE")
		if r.physicalID("Table") != table || r.physicalID("Bucket") != bucket || r.physicalID("Queue") != queue {
			t.Error("the update replaced a resource")
		}
		if value, _ := r.store.Get("/hello/visibility"); value != "60" {
			t.Errorf("after the update the parameter is %q", value)
		}
		r.must("DeleteStack")
		if _, found := r.store.Get("/hello/visibility"); found || len(r.objects.Keys(bucket)) != 0 {
			t.Error("something is left")
		}
	})
}

func TestStorage_needs_its_rights(t *testing.T) {
	for action, resource := range map[string]string{
		"dynamodb:DescribeContinuousBackups": "Table", "sqs:TagQueue": "Queue", "s3:PutBucketVersioning": "Bucket", "ssm:GetParameters": "Parameter",
	} {
		t.Run(action, func(t *testing.T) {
			withRights(t, func(r *rights) {
				r.denied = []string{action}
				r.must("CreateStack", append(tags("team", "a"), "TemplateBody", storage)...)
				r.wantEnd("ROLLBACK_COMPLETE")
				if events := r.events(); !strings.Contains(events, "CREATE_FAILED "+resource+" ") || !strings.Contains(events, "to perform: "+action) {
					t.Errorf("without %s:\n%s", action, events)
				}
			})
		})
	}
}
