// Package wire is AWS's protocols as a server sees them: query (a form in, XML out), JSON 1.1, JSON over
// REST, CBOR in Smithy's RPC v2, S3's own, and as much of REST with XML as Route 53 needs.
package wire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
)

// Encode writes the answer to a call in the protocol of the call; with an error, the error is the
// answer.
func Encode(w *bytes.Buffer, q Request, result any, failed *APIError) (status int, contentType string) {
	status = http.StatusOK
	if failed != nil {
		status = failed.Status
		if status == 0 {
			status = http.StatusBadRequest
		}
	}
	if q.IsObject {
		return status, encodeObject(w, q, result, failed)
	}
	if q.IsCBOR {
		return status, encodeCBOR(w, result, failed)
	}
	if q.IsJSON {
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
	response := xml.StartElement{Name: xml.Name{Local: q.Operation + "Response"}}
	if q.IsRESTXML {
		must(x.EncodeElement(result, response))
		return status, "text/xml"
	}
	must(x.EncodeToken(response))
	if result == nil {
		result = struct{}{}
	}
	must(x.EncodeElement(result, xml.StartElement{Name: xml.Name{Local: q.Operation + "Result"}}))
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

// must panics at a result that cannot be encoded, which is a mistake in the fake.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
