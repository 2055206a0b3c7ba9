package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// readCBOR reads a call of Smithy's RPC v2: POST /service/SERVICE/operation/OPERATION. Its body becomes JSON,
// in which a time is a number of seconds, so that its operation is one of JSON.
// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
func (q *Request) readCBOR(r *http.Request) error {
	q.IsCBOR = true
	_, q.Operation, _ = strings.Cut(r.URL.Path, "/operation/")
	if len(q.Body) == 0 {
		q.Body = []byte("{}")
		return nil
	}
	v, err := cbor.Decode(q.Body)
	if err != nil {
		return err
	}
	q.Body, err = json.Marshal(plain(v))
	return err
}

// plain returns a value as encoding/json takes it.
func plain(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		object := map[string]any{}
		for key, value := range v {
			object[key] = plain(value)
		}
		return object
	case cbor.List:
		list := []any{}
		for _, value := range v {
			list = append(list, plain(value))
		}
		return list
	case *cbor.Tag: // of a time
		return plain(v.Value)
	case cbor.NegInt:
		return -float64(v)
	case *cbor.Nil, *cbor.Undefined:
		return nil
	default:
		return v
	}
}

// encodeCBOR writes the answer to a call. A result has map[string]any, []any, texts, numbers, truths and
// EpochSeconds.
func encodeCBOR(w *bytes.Buffer, result any, failed *APIError) (contentType string) {
	if failed != nil {
		result = map[string]any{"__type": failed.Code, "message": failed.Message}
	}
	w.Write(cbor.Encode(encoded(result)))
	return "application/cbor"
}

func encoded(v any) cbor.Value {
	switch v := v.(type) {
	case nil:
		return cbor.Map{}
	case map[string]any:
		object := cbor.Map{}
		for key, value := range v {
			object[key] = encoded(value)
		}
		return object
	case []any:
		list := cbor.List{}
		for _, value := range v {
			list = append(list, encoded(value))
		}
		return list
	case EpochSeconds:
		return &cbor.Tag{ID: 1, Value: cbor.Float64(float64(time.Time(v).UnixMilli()) / 1000)}
	case string:
		return cbor.String(v)
	case int:
		return cbor.Uint(v) //nolint:gosec // no result has a negative number
	case float64:
		return cbor.Float64(v)
	case bool:
		return cbor.Bool(v)
	}
	panic("the fake cannot encode a value as CBOR")
}
