package route53

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// Target is where one record of a name leads to.
type Target struct {
	ID   string // the record's set identifier; "" if it has none
	Host string // the DNS name that it stands for; "" if it is a list of addresses
}

// Targets returns where the records of a name lead to, of whatever kind they are. It is for looking before
// something is deleted; who changes records needs Weighted, which knows only those of its own kind.
func (z Zone) Targets(ctx context.Context, name string) (list []Target, err error) {
	records, err := z.answers(ctx, name)
	for _, r := range records {
		t := Target{ID: aws.ToString(r.SetIdentifier)}
		switch {
		case r.AliasTarget != nil:
			t.Host = bare(aws.ToString(r.AliasTarget.DNSName))
		case r.Type == types.RRTypeCname && len(r.ResourceRecords) > 0:
			t.Host = bare(aws.ToString(r.ResourceRecords[0].Value))
		}
		list = append(list, t)
	}
	return list, err
}

// answers returns the records that answer a name with an address, or with another name.
func (z Zone) answers(ctx context.Context, name string) (list []types.ResourceRecordSet, err error) {
	input := &route53.ListResourceRecordSetsInput{HostedZoneId: &z.ID, StartRecordName: &name}
	for {
		page, err := z.API.ListResourceRecordSets(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("read the records of %s: %w", name, err)
		}
		for _, r := range page.ResourceRecordSets {
			if !sameName(aws.ToString(r.Name), name) {
				return list, nil // they are sorted by name
			}
			switch r.Type {
			case types.RRTypeA, types.RRTypeAaaa, types.RRTypeCname:
				list = append(list, r)
			}
		}
		if !page.IsTruncated {
			return list, nil
		}
		input.StartRecordName, input.StartRecordType, input.StartRecordIdentifier = page.NextRecordName, page.NextRecordType, page.NextRecordIdentifier
	}
}
