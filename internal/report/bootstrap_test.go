package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/price"
)

func TestPlannedStack_Lines(t *testing.T) {
	got := strings.Join(PlannedStack{Name: "b", What: "is updated", Changes: []PlannedChange{
		{"create", "Cluster", "AWS::ECS::Cluster", nil},
		{"perhaps replace", "SubnetA", "AWS::EC2::Subnet", []string{"CidrBlock", "VpcId"}},
		{"replace", "Task", "AWS::ECS::TaskDefinition", nil},
		{"leave", "Provider", "AWS::IAM::OIDCProvider", nil},
		{"delete", "Vpc", "AWS::EC2::VPC", nil},
	}}.Lines(), "\n")
	want := `Stack b is updated.
  create          Cluster   AWS::ECS::Cluster
! perhaps replace SubnetA   AWS::EC2::Subnet          CidrBlock, VpcId
  replace         Task      AWS::ECS::TaskDefinition
  leave           Provider  AWS::IAM::OIDCProvider
! delete          Vpc       AWS::EC2::VPC`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Lines (-want +got):\n%s", diff)
	}
}

func TestBootstrap_says_what_it_costs(t *testing.T) {
	for want, idle := range map[string]*price.Estimate{
		"": nil,
		"While no environment runs, this costs nothing, except for the images in ECR.":                                                {},
		"While no environment runs, this costs about $23.73 a month (" + price.Source + "), and the images in ECR.":                   {Daily: 0.78},
		"While no environment runs, this costs about $0.00 a month (" + price.Source + "), and the images in ECR, not counting X::Y.": {Without: []string{"X::Y"}},
	} {
		if got := (&Bootstrap{Idle: idle}).Price(); got != want {
			t.Errorf("Price of %v = %q, want %q", idle, got, want)
		}
	}
}
