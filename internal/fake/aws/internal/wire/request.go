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
	IsREST             bool
	Bucket, Key        string // of a call of S3
	Body               []byte
	Form               url.Values
}

var credential = regexp.MustCompile(`Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request`)

// Read reads a call in either protocol. Its service is the one in the signature.
func Read(r *http.Request) (Request, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Request{}, err
	}
	q := Request{Body: body}
	if scope := credential.FindStringSubmatch(r.Header.Get("Authorization")); scope != nil {
		q.AccessKey, q.Service = scope[1], scope[3]
	}
	if q.Service == "s3" {
		return q, q.readObject(r)
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
