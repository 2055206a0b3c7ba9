package aws

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const notAuthorized = "User: arn:aws:sts::123456789012:assumed-role/deploy/run is not authorized to perform: "

const denyTagging = "Encountered a permissions error performing a tagging operation, please add required tag permissions. " +
	"See https://repost.aws/knowledge-center/cloudformation-tagging-permission-error for how to resolve. " +
	`Resource handler returned message: "`

// A creation that lacks a right fails at the resource that needs it, in the words of its service.
func TestDenied_creation(t *testing.T) {
	for action, reason := range map[string]string{
		"ecs:CreateService": `Service Resource handler returned message: "` + notAuthorized + "ecs:CreateService on resource: arn:aws:ecs:eu-north-1:" +
			"123456789012:service/c/s-Service-",
		"iam:PassRole": `Definition Resource handler returned message: "` + notAuthorized + "iam:PassRole on resource: " +
			"arn:aws:iam::123456789012:role/execution because no identity-based policy allows the iam:PassRole action (Service: Ecs, Status Code: 400, ",
		"ecs:ListServiceDeployments":              `Service Resource handler returned message: "` + notAuthorized + "ecs:ListServiceDeployments",
		"elasticloadbalancing:CreateLoadBalancer": `Balancer Resource handler returned message: "` + notAuthorized + "elasticloadbalancing:CreateLoadBalancer",
		"elasticloadbalancing:AddTags":            "Targets " + denyTagging + notAuthorized + "elasticloadbalancing:AddTags",
		"logs:TagResource":                        "Logs " + denyTagging + notAuthorized + "logs:TagResource",
		"logs:PutRetentionPolicy":                 `Logs Resource handler returned message: "` + notAuthorized + "logs:PutRetentionPolicy",
		"logs:ListTagsForResource":                `Logs Resource handler returned message: "` + notAuthorized + "logs:ListTagsForResource",
		"ecr:TagResource":                         `Repository Resource handler returned message: "Access denied for operation 'TagResource'."`,
		"ec2:CreateSecurityGroup": "Group API: ec2:CreateSecurityGroup You are not authorized to perform this operation. " +
			"Encoded authorization failure message: ",
		"ec2:CreateTags":             "Group API: ec2:createTags You are not authorized to perform this operation. ",
		"ec2:DescribeSecurityGroups": "Group API: ec2:DescribeSecurityGroups You are not authorized to perform this operation.\n",
		"ec2:AttachInternetGateway": `Attachment Resource handler returned message: "You are not authorized to perform this operation. ` +
			"(Service: Ec2, Status Code: 403, Request ID: ",
		"iam:CreateServiceLinkedRole": `Cluster Resource handler returned message: "Invalid request provided: CreateCluster Invalid Request: ` +
			"Unable to assume the service linked role. Please verify that the ECS service linked role exists. ",
	} {
		t.Run(action, func(t *testing.T) {
			withRights(t, func(r *rights) {
				r.denied = []string{action}
				r.create(tags("commit", "1")...)
				if !strings.Contains(r.events(), "CREATE_FAILED "+reason) {
					r.Errorf("want CREATE_FAILED %s\n%s", reason, r.events())
				}
				end := "ROLLBACK_COMPLETE"
				if action == "ec2:DescribeSecurityGroups" { // the deletion needs it too
					end = "ROLLBACK_FAILED"
				}
				r.wantEnd(end)
			})
		})
	}
}

// What could not be created has no ID, also in the list of resources, and nothing of it is deleted.
func TestDenied_creation_leaves_nothing(t *testing.T) {
	withRights(t, func(r *rights) {
		r.denied = []string{"elasticloadbalancing:CreateLoadBalancer"}
		r.create("OnFailure", "DO_NOTHING")
		r.wantEnd("CREATE_FAILED")
		if id := r.physicalID("Balancer"); id != "" {
			r.Errorf("the load balancer has the ID %q, want none", id)
		}
		if strings.Contains(r.events(), "CREATE_IN_PROGRESS Balancer Resource creation Initiated") {
			r.Errorf("the creation began:\n%s", r.events())
		}
	})
}

func TestDenied_update(t *testing.T) {
	image := []string{"Parameters.member.1.ParameterKey", "Image", "Parameters.member.1.ParameterValue", "two"}
	for name, test := range map[string]struct {
		denied, change []string
		fails          bool // in a last step, after everything else
		end, event     string
	}{
		"untagging": {
			denied: []string{"ec2:DeleteTags"}, change: tags("commit", "2"), end: "UPDATE_ROLLBACK_FAILED",
			event: "UPDATE_FAILED Group API: ec2:deleteTags You are not authorized to perform this operation. Encoded authorization failure message: ",
		},
		"untagging of a repository": {
			denied: []string{"ecr:UntagResource"}, change: tags("commit", "2"), end: "UPDATE_ROLLBACK_FAILED",
			event: `UPDATE_FAILED Repository Resource handler returned message: "Access denied for operation 'UntagResource'." (RequestToken: `,
		},
		"untagging of a cluster": {
			denied: []string{"ecs:UntagResource"}, change: tags("commit", "2"), end: "UPDATE_ROLLBACK_FAILED",
			event: "UPDATE_FAILED Cluster " + denyTagging + notAuthorized + "ecs:UntagResource",
		},
		"removal of a tag in a rollback": { // the first update only adds one
			denied: []string{"elasticloadbalancing:RemoveTags"}, change: tags("commit", "1", "new", "x"), fails: true,
			end:   "UPDATE_ROLLBACK_FAILED",
			event: "UPDATE_FAILED Targets " + denyTagging + notAuthorized + "elasticloadbalancing:RemoveTags",
		},
		"the stop of a deployment in a rollback": {
			denied: []string{"ecs:StopServiceDeployment"}, change: image, fails: true, end: "UPDATE_ROLLBACK_FAILED",
			event: `UPDATE_FAILED Service Resource handler returned message: "` + notAuthorized + "ecs:StopServiceDeployment",
		},
		"a deletion in the clean-up": { // what was replaced is left behind
			denied: []string{"ecs:DeregisterTaskDefinition"}, change: image, end: "UPDATE_COMPLETE",
			event: `DELETE_FAILED Definition Resource handler returned message: "` + notAuthorized + "ecs:DeregisterTaskDefinition",
		},
	} {
		t.Run(name, func(t *testing.T) {
			withRights(t, func(r *rights) {
				r.create(tags("commit", "1")...)
				r.denied = test.denied
				if test.fails {
					r.FailResource("s", "Service", Failure{Operation: "UPDATE", Reason: "No.", After: 20 * time.Second, Times: 1})
				}
				events := r.update(test.change...)
				r.wantEnd(test.end)
				if !strings.Contains(events, test.event) {
					r.Errorf("want %q\n%s", test.event, events)
				}
			})
		})
	}
}

func TestDenied_deletion(t *testing.T) {
	withRights(t, func(r *rights) {
		r.create()
		r.denied = []string{"logs:DeleteLogGroup"}
		r.must("DeleteStack")
		r.wantEnd("DELETE_FAILED")
		if want := `DELETE_FAILED Logs Resource handler returned message: "` + notAuthorized + "logs:DeleteLogGroup"; !strings.Contains(r.events(), want) {
			r.Errorf("want %q\n%s", want, r.events())
		}
		r.denied = nil
		r.must("DeleteStack")
		r.wantEnd("DELETE_COMPLETE")
	})
}

// The operation keeps the rights of the caller that began it.
func TestDenied_is_who_began_the_operation(t *testing.T) {
	withRights(t, func(r *rights) {
		r.denied = []string{"ecs:CreateService"}
		caller := r.caller
		r.caller = nil // an administrator
		r.create()
		r.wantEnd("CREATE_COMPLETE")
		r.caller = caller
		if len(r.asked) > 0 {
			r.Errorf("the other caller's policies were evaluated: %v", r.asked[0])
		}
		r.must("DeleteStack")
		if !slices.ContainsFunc(r.asked, func(a access) bool { return a.Action == "ecs:DeleteService" }) {
			r.Error("the deletion was not checked for its own caller")
		}
	})
}

// A nested stack's resources are created with the rights of whoever creates its parent.
func TestDenied_in_a_nested_stack(t *testing.T) {
	withRights(t, func(r *rights) {
		r.PutTemplate("https://s3/inner.yaml", "Resources: {Logs: {Type: AWS::Logs::LogGroup}}")
		const outer = "Resources: {Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://s3/inner.yaml}}}"
		r.denied = []string{"logs:CreateLogGroup"}
		r.must("CreateStack", "TemplateBody", outer)
		r.wantEnd("ROLLBACK_COMPLETE")
		r.denied = nil
		r.must("DeleteStack")
		r.must("CreateStack", "TemplateBody", outer)
		r.wantEnd("CREATE_COMPLETE")
		inner := r.physicalID("Inner")
		r.wantAsked("cloudformation:CreateStack", inner[:strings.LastIndex(inner, "/")]+"/*", "")
	})
}
