package wire

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// ObjectCall answers one operation of S3, which names an operation by its HTTP method and has the bucket and
// the key in the address. The result is the body of the answer. It is called like a Query.
type ObjectCall func(q Request) ([]byte, error)

// objectOperations are S3's operations on objects, by the method of the request.
var objectOperations = map[string]string{
	http.MethodPut: "PutObject", http.MethodGet: "GetObject", http.MethodHead: "HeadObject", http.MethodDelete: "DeleteObject",
}

// readObject reads a call of S3. Its address has either form: BUCKET.s3.REGION.amazonaws.com/KEY, or
// any other host with /BUCKET/KEY.
func (q *Request) readObject(r *http.Request) error {
	q.IsObject, q.Operation = true, objectOperations[r.Method]
	q.Bucket, q.Key = Object(&url.URL{Host: r.Host, Path: r.URL.Path})
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		body, err := unchunk(q.Body)
		q.Body = body
		return err
	}
	return nil
}

// Object returns the bucket and the key in an address of S3.
func Object(address *url.URL) (bucket, key string) {
	path := strings.TrimPrefix(address.Path, "/")
	if bucket, _, found := strings.Cut(address.Host, ".s3."); found {
		return bucket, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

// unchunk returns a body that the SDK sent in chunks, each after its length in hexadecimal digits, with
// a checksum at the end.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
func unchunk(body []byte) ([]byte, error) {
	var whole bytes.Buffer
	in := bufio.NewReader(bytes.NewReader(body))
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		size, err := strconv.ParseInt(digits, 16, 64)
		if err != nil || size == 0 {
			return whole.Bytes(), err
		}
		if _, err := io.CopyN(&whole, in, size); err != nil {
			return nil, err
		}
		if _, err := in.Discard(len("\r\n")); err != nil {
			return nil, err
		}
	}
}

// encodeObject writes the answer to a call of S3.
func encodeObject(w *bytes.Buffer, q Request, result any, failed *APIError) (contentType string) {
	if failed == nil {
		body, _ := result.([]byte)
		w.Write(body)
		return "application/octet-stream"
	}
	if q.Operation != "HeadObject" { // whose answers have no body
		must(xml.NewEncoder(w).Encode(objectError{Code: failed.Code, Message: failed.Message}))
	}
	return "application/xml"
}

type objectError struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
}
