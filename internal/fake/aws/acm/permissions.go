package acm

import (
	"pr-stack/internal/fake/aws/cloudformation"
	"pr-stack/internal/fake/aws/internal/property"
)

// permissions: the actions are those of AWS's resource schemas (handlers.*.permissions;
// pulumi-aws-native 43eed3b, 2026-08-07), without those of private authorities.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html
func (m *ACM) permissions() cloudformation.Permissions {
	certificate := func(r *cloudformation.Resource) string {
		if r.PhysicalID != "" {
			return r.PhysicalID
		}
		return m.account.ARN("acm", "certificate/*")
	}
	zones := func(r *cloudformation.Resource) (arns []string) {
		for _, item := range property.List(r.Properties["DomainValidationOptions"]) {
			arns = append(arns, "arn:aws:route53:::hostedzone/"+property.Text(property.Object(item)["HostedZoneId"]))
		}
		return arns
	}
	on := func(actions ...string) cloudformation.Needs { return cloudformation.OnARN(certificate, actions...) }
	return cloudformation.Permissions{
		ARN: certificate,
		Create: cloudformation.All(
			cloudformation.Anywhere("acm:RequestCertificate").WithTags(),
			cloudformation.On(zones, "route53:ChangeResourceRecordSets"),
		),
		Made:   on("acm:DescribeCertificate"),
		Read:   on("acm:DescribeCertificate", "acm:ListTagsForCertificate"),
		Update: on("acm:UpdateCertificateOptions").For("CertificateTransparencyLoggingPreference"),
		Delete: on("acm:DescribeCertificate", "acm:DeleteCertificate"),
		Tag:    on("acm:AddTagsToCertificate").WithTags(),
		Untag:  on("acm:RemoveTagsFromCertificate"),
		Refuse: cloudformation.RefuseAs(m.account, "Acm", 400),
	}
}
