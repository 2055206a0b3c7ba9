package iam

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// Provider is an OpenID Connect provider. An account has at most one with a host.
type Provider struct {
	ARN       string
	Audiences []string
}

// ErrNoProvider means that the account has no such provider.
var ErrNoProvider = errors.New("the account has no such provider")

// FindProvider returns the account's provider with that host, such as token.actions.githubusercontent.com.
func FindProvider(ctx context.Context, api *iam.Client, host string) (Provider, error) {
	list, err := api.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	if err != nil {
		return Provider{}, fmt.Errorf("list OpenID Connect providers: %w", err)
	}
	for _, entry := range list.OpenIDConnectProviderList {
		if !strings.HasSuffix(aws.ToString(entry.Arn), ":oidc-provider/"+host) {
			continue
		}
		found, err := api.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: entry.Arn})
		if err != nil {
			return Provider{}, fmt.Errorf("read OpenID Connect provider %s: %w", host, err)
		}
		return Provider{ARN: aws.ToString(entry.Arn), Audiences: found.ClientIDList}, nil
	}
	return Provider{}, fmt.Errorf("OpenID Connect provider %s: %w", host, ErrNoProvider)
}
