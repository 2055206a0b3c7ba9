package route53

// WeightsOf returns the weights of a host's records, by the DNS names that they are aliases of, as they were
// last asked for.
func (r *Route53) WeightsOf(host string) map[string]int {
	weights := map[string]int{}
	for _, z := range r.zones {
		for _, one := range z.records {
			if one.name == host && one.weighted {
				weights[one.target] += one.weight
			}
		}
	}
	return weights
}
