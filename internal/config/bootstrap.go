package config

import (
	"cmp"
	"regexp"

	"pr-stack/internal/git"
)

var (
	domain       = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	ownerAndName = regexp.MustCompile(`^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$`)
	vpcID        = regexp.MustCompile(`^vpc-[0-9a-f]{8,17}$`)
	subnetID     = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
)

// bootstrapOptions returns what only bootstrap has.
func (l *loader) bootstrapOptions(ingress Ingress) Bootstrap {
	b := Bootstrap{
		Ingress: ingress, Domain: l.text("domain"), VPCID: l.text("vpc-id"), SubnetIDs: words(l.text("subnet-ids")),
		Lambda: l.text("template") == "lambda", Yes: l.bool("yes"),
		Source: cmp.Or(l.text("github-repository"), l.Settings().Repository), Origin: git.Origin(l.workspace()),
		AllowReplacement: l.bool("allow-replacement"),
	}
	if b.Domain != "" && !domain.MatchString(b.Domain) {
		l.addf("domain", "write it as preview.example.com", "%s is not a domain", quote(b.Domain))
	}
	if given := l.text("github-repository"); given != "" && !ownerAndName.MatchString(given) {
		l.addf("github-repository", "write OWNER/NAME", "%s is not a repository", quote(given))
	}
	if b.VPCID != "" && !vpcID.MatchString(b.VPCID) {
		l.addf("vpc-id", "write it as vpc-0123456789abcdef0", "%s is not the ID of a network", quote(b.VPCID))
	}
	for _, id := range b.SubnetIDs {
		if !subnetID.MatchString(id) {
			l.addf("subnet-ids", "write them as subnet-0123456789abcdef0", "%s is not the ID of a subnet", quote(id))
		}
	}
	switch {
	case b.VPCID != "" && len(b.SubnetIDs) < 2:
		l.addf("subnet-ids", "give public subnets of the network in two zones", "vpc-id needs at least two, which a load balancer asks for")
	case b.VPCID == "" && len(b.SubnetIDs) > 0:
		l.addf("vpc-id", "give the network of these subnets", "subnet-ids needs it")
	}
	return b
}
