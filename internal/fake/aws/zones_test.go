package aws_test

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	fakeaws "pr-stack/internal/fake/aws"
)

// ListHostedZonesByName begins with a name, in the order of the labels from the right.
func TestHostedZones_are_listed_by_name(t *testing.T) {
	account := fakeaws.New(fakeaws.Options{})
	for id, name := range map[string]string{"Z1": "example.com", "Z2": "preview.example.com", "Z3": "example.org", "Z4": "a.test"} {
		account.AddHostedZone(fakeaws.HostedZone{ID: id, Name: name})
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		"https://route53.amazonaws.com/2013-04-01/hostedzonesbyname?dnsname=preview.example.com&maxitems=2", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAFAKE/20260101/us-east-1/route53/aws4_request")
	response, err := account.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		XMLName xml.Name `xml:"ListHostedZonesByNameResponse"`
		Zones   []struct {
			ID   string `xml:"Id"`
			Name string
		} `xml:"HostedZones>HostedZone"`
		IsTruncated bool
	}
	if err := xml.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, z := range answer.Zones {
		got = append(got, z.Name+" "+z.ID)
	}
	if want := "preview.example.com. /hostedzone/Z2, example.org. /hostedzone/Z3"; strings.Join(got, ", ") != want || !answer.IsTruncated {
		t.Errorf("the zones are %q, more: %t, want %s and more", got, answer.IsTruncated, want)
	}
}
