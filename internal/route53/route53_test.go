package route53_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"

	"pr-stack/internal/route53"
)

// account answers as the API reference says: all zones from a name on, in the order of their names from
// the right.
type account []string // "NAME ID [private]", in that order

func (a account) Do(r *http.Request) (*http.Response, error) {
	from, body := r.URL.Query().Get("dnsname"), ""
	if r.Method != http.MethodGet || r.URL.Path != "/2013-04-01/hostedzonesbyname" {
		return nil, fmt.Errorf("%s %s is not ListHostedZonesByName", r.Method, r.URL)
	}
	for _, zone := range a {
		words := strings.Fields(zone)
		if reversed(words[0]) < reversed(from) {
			continue
		}
		body += fmt.Sprintf("<HostedZone><Id>/hostedzone/%s</Id><Name>%s.</Name><CallerReference>x</CallerReference>"+
			"<Config><PrivateZone>%v</PrivateZone></Config></HostedZone>", words[1], words[0], len(words) > 2)
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(
		`<ListHostedZonesByNameResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones>` + body +
			"</HostedZones><IsTruncated>false</IsTruncated><MaxItems>20</MaxItems></ListHostedZonesByNameResponse>",
	))}, nil
}

// reversed writes a name as the order compares it: com.example.preview.
func reversed(name string) (turned string) {
	for label := range strings.SplitSeq(name, ".") {
		turned = label + "." + turned
	}
	return turned
}

func TestFindZone(t *testing.T) {
	for name, test := range map[string]struct {
		zones account
		want  string
	}{
		"its own":            {account{"example.com Z1", "preview.example.com Z2"}, "Z2 <nil>"},
		"of the one above":   {account{"example.com Z1", "preview.example.org Z2"}, "Z1 <nil>"},
		"a private one":      {account{"example.com Z1", "preview.example.com Z2 private"}, "Z1 <nil>"},
		"a neighbour's":      {account{"example.net Z3", "other.example.com Z4"}, " find the hosted zone of preview.example.com: the account has no public hosted zone of it, nor of a domain above it"},
		"of a domain's end":  {account{"com Z5"}, " find the hosted zone of preview.example.com: the account has no public hosted zone of it, nor of a domain above it"},
		"two of a name":      {account{"example.com Z1", "example.com Z6"}, " find the hosted zone of preview.example.com: there are several of example.com: Z1, Z6"},
		"none in an account": {nil, " find the hosted zone of preview.example.com: the account has no public hosted zone of it, nor of a domain above it"},
	} {
		t.Run(name, func(t *testing.T) {
			client := sdk.NewFromConfig(aws.Config{
				Region: "eu-north-1", Credentials: credentials.NewStaticCredentialsProvider("AKIAFAKE", "secret", ""), HTTPClient: test.zones,
			})
			id, err := route53.FindZone(t.Context(), client, "preview.example.com")
			if got := fmt.Sprint(id, " ", err); got != test.want {
				t.Errorf("FindZone = %s, want %s", got, test.want)
			}
		})
	}
}
