// Package s3 puts small objects into a bucket of S3. It sends one signed request for each: the SDK's client
// can do far more, and would make the action a megabyte larger.
package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"pr-stack/internal/poll"
)

// Bucket is a bucket in the region of Config. Both fields must be set.
type Bucket struct {
	Config aws.Config
	Name   string
}

// ErrNoBucket means that the bucket does not exist.
var ErrNoBucket = errors.New("there is no such bucket")

const (
	// attempts is how often a request is sent if S3 does not answer, or is overloaded.
	attempts = 5
	// requestTimeout is how long one request may take: a connection that is lost without a word is noticed.
	requestTimeout = 30 * time.Second
)

// Put stores an object and returns its address: https://BUCKET.s3.REGION.amazonaws.com/KEY, in which other
// services of AWS find it. An object of that key is replaced.
func (b Bucket) Put(ctx context.Context, key, body string) (address string, err error) {
	path := escape(key)
	for n := range poll.Every(ctx, 2*time.Second) {
		err = b.put(ctx, path, body)
		if ctx.Err() != nil {
			break
		}
		if err == nil || n+1 == attempts || !retryable(err) {
			return "https://" + b.host() + "/" + path, explain(b.Name, key, err)
		}
	}
	return "", context.Cause(ctx)
}

// escape returns a key as a path. S3 signs the path as it is sent.
func escape(key string) string {
	segments := strings.Split(key, "/")
	for i := range segments {
		segments[i] = url.PathEscape(segments[i])
	}
	return strings.Join(segments, "/")
}

// host returns the bucket's own host. In China, the names end differently.
func (b Bucket) host() string {
	suffix := "amazonaws.com"
	if strings.HasPrefix(b.Config.Region, "cn-") {
		suffix += ".cn"
	}
	return b.Name + ".s3." + b.Config.Region + "." + suffix
}

// endpoint returns the address of the bucket. An endpoint that the user has set has no host for each bucket.
func (b Bucket) endpoint() string {
	if b.Config.BaseEndpoint != nil {
		return strings.TrimSuffix(*b.Config.BaseEndpoint, "/") + "/" + b.Name
	}
	return "https://" + b.host()
}

func (b Bucket) put(ctx context.Context, path, body string) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, b.endpoint()+"/"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	credentials, err := b.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	request.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(ctx, credentials, request, hash, "s3", b.Config.Region, time.Now()); err != nil {
		return err
	}
	response, err := b.client().Do(request)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return answer(response)
}

func (b Bucket) client() aws.HTTPClient {
	if b.Config.HTTPClient != nil {
		return b.Config.HTTPClient
	}
	return awshttp.NewBuildableClient()
}

// answer returns the error of an answer, as the SDK would.
func answer(response *http.Response) error {
	var body struct{ Code, Message string }
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if xml.Unmarshal(text, &body) != nil || body.Code == "" {
		body.Code, body.Message = fmt.Sprint(response.StatusCode), http.StatusText(response.StatusCode)
	}
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: response}, Err: &smithy.GenericAPIError{Code: body.Code, Message: body.Message},
	}
}

var retryables = retry.IsErrorRetryables(retry.DefaultRetryables)

// retryable reports whether S3 gave no answer, or asks to try again later.
func retryable(err error) bool { return retryables.IsErrorRetryable(err) == aws.TrueTernary }

func explain(bucket, key string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("put %s into bucket %s: %w", key, bucket, &smithy.OperationError{ServiceID: "S3", OperationName: "PutObject", Err: err})
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "NoSuchBucket" {
		return fmt.Errorf("%w: %w", ErrNoBucket, err)
	}
	return err
}
