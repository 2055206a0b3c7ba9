package identity

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/iam"
	"pr-stack/internal/fake/aws/internal/account"
	"pr-stack/internal/fake/aws/internal/wire"
)

// AddProvider adds an OpenID Connect provider and returns its ARN. The account accepts the provider's
// tokens for any of the audiences.
func (i *Identity) AddProvider(address string, audiences []string) (arn string) {
	host := hostOf(address)
	i.providers[host] = audiences
	return i.providerARN(host)
}

func (i *Identity) providerARN(host string) string {
	return "arn:aws:iam::" + i.account.ID + ":oidc-provider/" + host
}

// claims are what a token says. Its signature is not checked: the fake has no keys.
type claims struct {
	Issuer   string    `json:"iss"`
	Subject  string    `json:"sub"`
	Audience audiences `json:"aud"`
	Expires  float64   `json:"exp"` // seconds since 1970
}

// audiences is one audience or a list.
type audiences []string

// UnmarshalJSON reads the audience or the list.
func (a *audiences) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audiences{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// assumeRoleWithWebIdentity creates a session of a role for the holder of an identity provider's token.
// It is the only call that is not signed. The errors are AWS's own:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html, aws-cli#7194,
// aws-actions/configure-aws-credentials.
func (i *Identity) assumeRoleWithWebIdentity(form url.Values) (any, error) {
	if err := checkRequest(form); err != nil {
		return nil, err
	}
	c, host, audience, err := i.verify(form.Get("WebIdentityToken"))
	if err != nil {
		return nil, err
	}
	arn := form.Get("RoleArn")
	a := account.Access{Action: "sts:AssumeRoleWithWebIdentity", Resource: arn}.
		With(host+":aud", audience).With(host+":sub", c.Subject).With("sts:RoleSessionName", form.Get("RoleSessionName"))
	r := i.roles[arn]
	allowed := r != nil && r.trust.Evaluate(iam.Federated, []string{i.providerARN(host)}, a) == account.Allow
	i.record(c.Subject, a, allowed)
	if !allowed {
		const message = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
		return nil, &wire.APIError{Status: 403, Code: "AccessDenied", Message: message}
	}
	duration, err := i.duration(form, r)
	if err != nil {
		return nil, err
	}
	return struct {
		described
		SubjectFromWebIdentityToken, Audience, Provider string
	}{describe(i.open(r, form.Get("RoleSessionName"), duration)), c.Subject, audience, i.providerARN(host)}, nil
}

// verify returns a token's claims, the host of its provider, and which of the provider's audiences it
// is for.
func (i *Identity) verify(token string) (c claims, host, audience string, err error) {
	invalid := func(message string) error { return &wire.APIError{Code: "InvalidIdentityToken", Message: message} }
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, "", "", invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(body, &c) != nil {
		return c, "", "", invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	host = strings.TrimPrefix(c.Issuer, "https://")
	accepted, known := i.providers[host]
	if !known {
		return c, "", "", invalid("No OpenIDConnect provider found in your account for " + c.Issuer)
	}
	if now := i.account.Now().Unix(); now >= int64(c.Expires) {
		return c, "", "", &wire.APIError{Code: "ExpiredTokenException", Message: fmt.Sprintf(
			"Token expired: current date/time %d must be before the expiration date/time %d", now, int64(c.Expires))}
	}
	at := slices.IndexFunc(c.Audience, func(a string) bool { return slices.Contains(accepted, a) })
	if at < 0 {
		return c, "", "", invalid("Incorrect token audience")
	}
	return c, host, c.Audience[at], nil
}
