package iam_test

import (
	"errors"
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/iam"
)

func TestFindProvider(t *testing.T) {
	const host = "token.actions.githubusercontent.com"
	a := fakeaws.New(fakeaws.Options{})
	client := sdk.NewFromConfig(a.Config())
	a.AddOIDCProvider("https://gitlab.example.com", "x")
	if found, err := iam.FindProvider(t.Context(), client, host); !errors.Is(err, iam.ErrNoProvider) {
		t.Errorf("FindProvider = %+v, %v, want ErrNoProvider", found, err)
	}
	a.AddOIDCProvider("https://"+host, "sts.amazonaws.com", "another")
	found, err := iam.FindProvider(t.Context(), client, host)
	if err != nil || found.ARN != "arn:aws:iam::123456789012:oidc-provider/"+host || !slices.Equal(found.Audiences, []string{"sts.amazonaws.com", "another"}) {
		t.Errorf("FindProvider = %+v, %v", found, err)
	}
}
