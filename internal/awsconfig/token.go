package awsconfig

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pr-stack/internal/poll"
)

// TokenSource is where GitHub gives a job its OIDC tokens. The runner sets URL and Secret only if the
// job has the permission id-token: write.
// https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
type TokenSource struct {
	URL       string            // ACTIONS_ID_TOKEN_REQUEST_URL
	Secret    string            // ACTIONS_ID_TOKEN_REQUEST_TOKEN
	Transport http.RoundTripper // if nil, over the network
}

const (
	audience      = "sts.amazonaws.com"
	tokenAttempts = 5
	tokenTimeout  = 30 * time.Second // of one attempt
	maxToken      = 1 << 20          // bytes of an answer
)

// get returns a new token. Each lives for minutes only, so every session of a role needs one of its own.
// A 429, a 5xx and a broken connection are retried.
func (s TokenSource) get(ctx context.Context) (string, error) {
	address, err := url.Parse(s.URL)
	if err != nil {
		return "", fmt.Errorf("ACTIONS_ID_TOKEN_REQUEST_URL is not a URL: %w", err)
	}
	query := address.Query()
	query.Set("audience", audience)
	address.RawQuery = query.Encode()
	for n := 1; ; n++ {
		token, again, err := s.request(ctx, address.String())
		if err == nil || !again || n == tokenAttempts {
			return token, err
		}
		if err := poll.Pause(ctx, time.Second<<(n-1)); err != nil {
			return "", err
		}
	}
}

// request asks once. again reports whether it may help to repeat a request that failed.
func (s TokenSource) request(ctx context.Context, address string) (token string, again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", false, err
	}
	request.Header.Set("Authorization", "Bearer "+s.Secret)
	request.Header.Set("Accept", "application/json")
	client := http.Client{Transport: s.Transport}
	response, err := client.Do(request)
	if err != nil {
		return "", true, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxToken))
	if err != nil {
		return "", true, err
	}
	if code := response.StatusCode; code != http.StatusOK {
		again = code == http.StatusTooManyRequests || code >= http.StatusInternalServerError
		return "", again, fmt.Errorf("GitHub answered with HTTP status %d %s", code, http.StatusText(code))
	}
	var answer struct{ Value string }
	if json.Unmarshal(body, &answer) != nil || answer.Value == "" {
		return "", false, fmt.Errorf("GitHub's answer has no token")
	}
	return answer.Value, false, nil
}

// Claims are what a token says that trust policies compare: who gave it, and what the job is.
type Claims struct {
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
}

// Claims asks GitHub for a token and returns what it says. mask is called with the token.
func (s TokenSource) Claims(ctx context.Context, mask func(secret string)) (Claims, error) {
	token, err := s.get(ctx)
	if err != nil {
		return Claims{}, fmt.Errorf("get an OIDC token from GitHub: %w", err)
	}
	mask(token)
	return claims(token), nil
}

// subject returns what the token says that it is for, or "" if it cannot be read. It is not a secret.
func subject(token string) string { return claims(token).Subject }

// claims returns what a token says, as far as it can be read.
func claims(token string) (c Claims) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &c) != nil {
		return Claims{}
	}
	return c
}
