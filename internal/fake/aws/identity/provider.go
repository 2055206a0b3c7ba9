package identity

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"pr-stack/internal/fake/aws/internal/wire"
)

// listProviders returns all providers: the call has no pages.
func (i *Identity) listProviders(url.Values) (any, error) {
	type entry struct{ Arn string }
	var answer struct {
		List []entry `xml:"OpenIDConnectProviderList>member"`
	}
	for _, host := range slices.Sorted(maps.Keys(i.providers)) {
		answer.List = append(answer.List, entry{i.providerARN(host)})
	}
	return answer, nil
}

// getProvider returns a provider. Its URL has no scheme.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html
func (i *Identity) getProvider(form url.Values) (any, error) {
	arn := form.Get("OpenIDConnectProviderArn")
	_, host, _ := strings.Cut(arn, ":oidc-provider/")
	audiences, known := i.providers[host]
	if !known {
		return nil, &wire.APIError{Status: 404, Code: "NoSuchEntity", Message: "OpenIDConnect Provider not found for arn " + arn}
	}
	return struct {
		URL       string   `xml:"Url"`
		Audiences []string `xml:"ClientIDList>member"`
	}{host, audiences}, nil
}

// CreateProvider adds a provider that the account does not have yet, and returns its ARN.
func (i *Identity) CreateProvider(address string, audiences []string) (arn string, err error) {
	if _, known := i.providers[hostOf(address)]; known {
		return "", wire.Reason(fmt.Sprintf("Provider with url %s already exists.", address))
	}
	return i.AddProvider(address, audiences), nil
}

// RemoveProvider deletes a provider. Its tokens are worth nothing from then on.
func (i *Identity) RemoveProvider(arn string) {
	_, host, _ := strings.Cut(arn, ":oidc-provider/")
	delete(i.providers, host)
}

func hostOf(address string) string {
	return strings.TrimSuffix(strings.TrimPrefix(address, "https://"), "/")
}
