package docker

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/jsonstream"
)

// messages decodes the stream that the Engine sends during a push.
func messages(stream string) iter.Seq2[jsonstream.Message, error] {
	return func(yield func(jsonstream.Message, error) bool) {
		for d := json.NewDecoder(strings.NewReader(stream)); ; {
			var m jsonstream.Message
			err := d.Decode(&m)
			if errors.Is(err, io.EOF) || !yield(m, err) || err != nil {
				return
			}
		}
	}
}

func TestReadDigest(t *testing.T) {
	const begin = `{"status":"The push refers to repository [host/app]"}
{"status":"Preparing","progressDetail":{},"id":"5f70bf18a086"}
`
	const sum = "sha256:45da94ca278b656098454f8f5ef4120789f2f4adc30cbafe228d82369b045846"
	for _, c := range []struct{ name, stream, digest, err string }{
		{"the digest comes at the end",
			begin + `{"progressDetail":{},"aux":{"Tag":"t1","Digest":"` + sum + `","Size":527}}`,
			sum, ""},
		{"an error in the stream is returned", begin + `{"errorDetail":{"message":"no basic auth credentials"},"error":"no basic auth credentials"}`,
			"", "no basic auth credentials"},
		{"an error after the digest is returned too",
			begin + `{"aux":{"Digest":"` + sum + `"}}{"errorDetail":{"message":"denied"}}`, "",
			"denied"},
		{"an end without a digest", begin, "", "the daemon sent no digest"},
		{"a stream that is cut off", begin + `{"status":`, "", "unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			digest, err := readDigest(messages(c.stream))
			if digest != c.digest || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
				t.Errorf("readDigest = %q, %v, want %q, %s", digest, err, c.digest, c.err)
			}
		})
	}
}

func TestCredentialsAreOnlyForTheirHost(t *testing.T) {
	own := Credentials{Host: "own.example:5000", Username: "AWS", Password: "sesame"}
	for _, c := range []struct {
		host string
		want Credentials
	}{
		{"own.example:5000", own},
		{"own.example", Credentials{}},
		{"own.example:5001", Credentials{}},
		{"own.example:5000.evil.example", Credentials{}},
		{"registry-1.docker.io", Credentials{}},
		{"", Credentials{}},
	} {
		d := &Daemon{Credentials: func(context.Context) (Credentials, error) { return own, nil }}
		if got, err := d.credentials(t.Context(), c.host); got != c.want || err != nil {
			t.Errorf("credentials(%q) = %+v, %v, want %+v", c.host, got, err, c.want)
		}
	}
}
