package price

import "testing"

// Conditions are combined as CloudFormation does. One that is not known does not matter if another
// decides.
func TestOf_combined_conditions(t *testing.T) {
	for condition, want := range map[string]string{
		"!And [!Condition Yes, !Equals [b, b]]":              "0.12",
		"!And [!Condition Yes, !Condition No]":               "0.00",
		"!Or [!Condition No, !Condition Yes]":                "0.12",
		"!Or [!Condition No, !Condition No]":                 "0.00",
		"!Not [!Or [!Condition No, !Condition No]]":          "0.12",
		"!And [!Condition Unknown, !Condition No]":           "0.00",
		"!Or [!Condition Unknown, !Condition Yes]":           "0.12",
		"{Condition: Yes}":                                   "0.12",
		"{\"Fn::And\": [{Condition: Yes}, {Condition: No}]}": "0.00",
	} {
		wantPrice(t, `
Conditions:
  Yes: !Equals [a, a]
  No: !Equals [a, b]
  Unknown: !Equals [!ImportValue x, a]
  C: `+condition+`
Resources: {A: {Type: AWS::EC2::EIP, Condition: C}}`, want, nil)
	}
	for _, condition := range []string{"!And []", "!Or [!Condition Unknown, !Equals [a, b]]", "!Condition C", "!Or [!Condition C, !Condition C]", "!Condition Nowhere"} {
		wantPrice(t, `
Conditions:
  Unknown: !Equals [!ImportValue x, a]
  C: `+condition+`
Resources: {A: {Type: AWS::EC2::EIP, Condition: C}}`, "0.00", []string{"AWS::EC2::EIP"})
	}
}
