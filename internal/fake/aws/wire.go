package aws

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/url"
	"strconv"
	"time"
)

// queryOperation answers one operation of a service that speaks the query protocol (form in, XML out): CloudFormation,
// Elastic Load Balancing, STS. The result is marshalled by encoding/xml inside <OperationResponse><OperationResult>.
// It is called with a.mu held and everything that was due carried out.
type queryOperation func(a *AWS, form url.Values) (any, error)

// jsonOperation answers one operation of a service that speaks JSON 1.1: ECR, ECS, Logs. The result is marshalled by
// encoding/json; times in it are epochSeconds. It is called like a queryOperation.
type jsonOperation func(a *AWS, body []byte) (any, error)

// apiError is an answer that the SDK turns into a smithy.APIError.
type apiError struct {
	Status  int // of the HTTP answer; 0 means 400
	Code    string
	Message string
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

// awsText is a reason in AWS's own words, which keep their capital and their full stop.
type awsText string

func (t awsText) Error() string { return string(t) }

// invalid is CloudFormation's answer to whatever is wrong with a request.
func invalid(message string) error { return &apiError{Code: "ValidationError", Message: message} }

// encode writes the answer in the protocol that the request was in.
func encode(w *bytes.Buffer, q request, result any, err error) (status int, contentType string) {
	status = 200
	var failed *apiError
	if errors.As(err, &failed) {
		status = failed.Status
		if status == 0 {
			status = 400
		}
	}
	if q.isJSON {
		if failed != nil {
			result = map[string]string{"__type": failed.Code, "message": failed.Message}
		}
		if result == nil {
			result = struct{}{}
		}
		must(json.NewEncoder(w).Encode(result))
		return status, "application/x-amz-json-1.1"
	}
	if failed != nil {
		kind := "Sender"
		if status >= 500 {
			kind = "Receiver"
		}
		must(xml.NewEncoder(w).Encode(errorResponse{Type: kind, Code: failed.Code, Message: failed.Message}))
		return status, "text/xml"
	}
	x := xml.NewEncoder(w)
	response := xml.StartElement{Name: xml.Name{Local: q.operation + "Response"}}
	must(x.EncodeToken(response))
	if result == nil {
		result = struct{}{}
	}
	must(x.EncodeElement(result, xml.StartElement{Name: xml.Name{Local: q.operation + "Result"}}))
	must(x.EncodeToken(response.End()))
	must(x.Flush())
	return status, "text/xml"
}

type errorResponse struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	Type    string   `xml:"Error>Type"`
	Code    string   `xml:"Error>Code"`
	Message string   `xml:"Error>Message"`
}

// must stops at a result that cannot be encoded: a mistake in this package.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// timestamp is a time as the query protocol writes it, to the millisecond. The zero time is left out.
type timestamp time.Time

// MarshalXML writes the time.
func (t timestamp) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if time.Time(t).IsZero() {
		return nil
	}
	return e.EncodeElement(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z"), start)
}

// epochSeconds is a time as JSON 1.1 writes it, to the millisecond. Use a pointer with omitempty for one that may lack.
type epochSeconds time.Time

// MarshalJSON writes the time.
func (t epochSeconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Time(t).UnixMilli())/1000, 'f', 3, 64), nil
}

// members returns a list from a form: NAME.member.1, NAME.member.2 and so on.
func members(form url.Values, name string) []string {
	var list []string
	for i := 1; ; i++ {
		key := name + ".member." + strconv.Itoa(i)
		if !form.Has(key) {
			return list
		}
		list = append(list, form.Get(key))
	}
}

// pairs returns a list of two fields each from a form, as a map.
func pairs(form url.Values, name, key, value string) map[string]string {
	values := map[string]string{}
	for i := 1; ; i++ {
		prefix := name + ".member." + strconv.Itoa(i) + "."
		if !form.Has(prefix + key) {
			return values
		}
		values[form.Get(prefix+key)] = form.Get(prefix + value)
	}
}

// page returns the part of a listing that token asks for, of at most size entries or as many as Options.PageSize says,
// and the token of the next part, "" after the last.
func page[T any](a *AWS, all []T, token string, size int) (part []T, next string) {
	if a.opts.PageSize > 0 {
		size = min(size, a.opts.PageSize)
	}
	start, _ := strconv.Atoi(token)
	start = min(max(start, 0), len(all))
	end := min(start+size, len(all))
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return all[start:end], next
}
