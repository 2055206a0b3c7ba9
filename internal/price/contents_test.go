package price

import (
	"fmt"
	"testing"
)

func TestContents(t *testing.T) {
	const body = `
Parameters: {Own: {Type: String, Default: ""}}
Conditions: {Makes: !Equals [!Ref Own, ""], Odd: !Equals [!ImportValue x, y]}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Condition: Makes}
  Cluster: {Type: AWS::ECS::Cluster}
  Maybe: {Type: AWS::EC2::EIP, Condition: Odd}
`
	for own, want := range map[string]string{
		"":      "[{Cluster AWS::ECS::Cluster} {Maybe AWS::EC2::EIP} {Vpc AWS::EC2::VPC}]",
		"vpc-1": "[{Cluster AWS::ECS::Cluster} {Maybe AWS::EC2::EIP}]",
	} {
		got, err := Contents(body, map[string]string{"Own": own})
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("Contents with Own=%q = %v, %v, want %s", own, got, err, want)
		}
	}
	if _, err := Contents("- x", nil); err == nil {
		t.Error("Contents of a list: no error")
	}
}
