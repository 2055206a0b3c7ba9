// Package route53 finds the hosted zone that the records of a domain belong into, and changes the records
// that share the requests to a name between load balancers by weight.
package route53

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
)

// ErrNotFound means that the account has no public hosted zone of the domain, nor of one above it.
var ErrNotFound = errors.New("the account has no public hosted zone of it, nor of a domain above it")

// FindZone returns the ID of the public hosted zone of a domain or, if there is none, of the nearest
// domain above it.
func FindZone(ctx context.Context, api *route53.Client, domain string) (id string, err error) {
	for name := domain; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		ids, err := zones(ctx, api, name)
		switch {
		case err != nil:
			return "", fmt.Errorf("find the hosted zone of %s: %w", domain, err)
		case len(ids) > 1:
			return "", fmt.Errorf("find the hosted zone of %s: there are several of %s: %s", domain, name, strings.Join(ids, ", "))
		case len(ids) == 1:
			return ids[0], nil
		}
	}
	return "", fmt.Errorf("find the hosted zone of %s: %w", domain, ErrNotFound)
}

// zones returns the IDs of the public hosted zones with exactly that name. The call lists all zones in
// the order of their names, beginning at the given one, and writes names with a full stop at the end.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html
func zones(ctx context.Context, api *route53.Client, name string) (ids []string, err error) {
	answer, err := api.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{DNSName: &name, MaxItems: aws.Int32(20)})
	if err != nil {
		return nil, err
	}
	for _, z := range answer.HostedZones {
		if private := z.Config != nil && z.Config.PrivateZone; !private && aws.ToString(z.Name) == name+"." {
			ids = append(ids, strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/"))
		}
	}
	return ids, nil
}
