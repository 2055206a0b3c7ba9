package wire

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Request is one API call as it came in.
type Request struct {
	Service, Operation string
	AccessKey          string
	IsJSON             bool
	IsREST             bool   // JSON by method and path: see Routes
	IsCBOR             bool   // Smithy's RPC v2, of CloudWatch; Body is JSON then
	IsRESTXML          bool   // of Route 53: the operation is in the path, and the answer is XML
	IsObject           bool   // of S3: see ObjectCall
	Bucket, Key        string // of a call of S3
	Body               []byte
	Form               url.Values
}

var credential = regexp.MustCompile(`Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request`)

// route53 are the operations of Route 53.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53.html
var route53 = Routes{
	"GET /2013-04-01/hostedzonesbyname":                "ListHostedZonesByName",
	"GET /2013-04-01/hostedzone/{HostedZoneId}/rrset":  "ListResourceRecordSets",
	"POST /2013-04-01/hostedzone/{HostedZoneId}/rrset": "ChangeResourceRecordSets",
	"GET /2013-04-01/change/{Id}":                      "GetChange",
}

// Read reads a call in one of the protocols. Its service is the one in the signature.
func Read(r *http.Request) (Request, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Request{}, err
	}
	q := Request{Body: body}
	if scope := credential.FindStringSubmatch(r.Header.Get("Authorization")); scope != nil {
		q.AccessKey, q.Service = scope[1], scope[3]
	}
	switch q.Service {
	case "route53":
		q.IsRESTXML, q.Form = true, r.URL.Query()
		operation, parameters := route53.find(r)
		q.Operation = operation
		for name, value := range parameters {
			q.Form.Set(name, value)
		}
		return q, nil
	case "s3":
		return q, q.readObject(r)
	}
	if r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" {
		return q, q.readCBOR(r)
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		q.IsJSON = true
		_, q.Operation, _ = strings.Cut(target, ".")
		return q, nil
	}
	q.Form, err = url.ParseQuery(string(body))
	q.Operation = q.Form.Get("Action")
	return q, err
}

// Members returns a list from a form: NAME.member.1, NAME.member.2 and so on.
func Members(form url.Values, name string) []string {
	var list []string
	for i := 1; ; i++ {
		key := name + ".member." + strconv.Itoa(i)
		if !form.Has(key) {
			return list
		}
		list = append(list, form.Get(key))
	}
}

// Pairs returns a list of two fields each from a form, as a map.
func Pairs(form url.Values, name, key, value string) map[string]string {
	values := map[string]string{}
	for i := 1; ; i++ {
		prefix := name + ".member." + strconv.Itoa(i) + "."
		if !form.Has(prefix + key) {
			return values
		}
		values[form.Get(prefix+key)] = form.Get(prefix + value)
	}
}
