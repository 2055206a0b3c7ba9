package permissions

// offersAPI reports whether the base stack has what environments with ingress api need.
func (s scope) offersAPI() bool { return s.vpcLink != "" && s.namespace != "" }

// deployingAPIs are the further statements of a role that creates, changes and deletes HTTP APIs and the
// services of Cloud Map in which those find tasks. Their ARNs have IDs, so tags say whose they are.
//
// API Gateway's actions are the methods of HTTP, on paths. Of an API's parts only a stage has tags of
// its own. The Service Authorization Reference lists aws:ResourceTag for all parts and their collections,
// so it is the API's: the developer guide says that of REST APIs, and no more of HTTP APIs than that
// their parts cannot be tagged. If it were not so, an environment could not be created; without the
// condition, every pull request could lead production's API to its own tasks.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
func (s scope) deployingAPIs() []Statement {
	if !s.offersAPI() {
		return nil
	}
	return []Statement{
		s.readVPCLink(),
		allow("CreateApis", on("apigateway", "POST"), []string{s.apiGateway("apis"), s.apiGateway("tags/*")},
			throughCloudFormation(s.tagged(requestTag))),
		s.apis("GET", "POST", "PATCH", "DELETE", "TagResource", "UntagResource"),
		allow("UntagApis", on("apigateway", "DELETE"), []string{s.apiGateway("tags/*")}, throughCloudFormation(nil)),
		allow("CreateDiscovery", on("servicediscovery", "CreateService"),
			[]string{s.arn("servicediscovery", "namespace/"+s.namespace), s.arn("servicediscovery", "service/*")},
			throughCloudFormation(s.tagged(requestTag))),
		s.discovery("GetServiceAttributes", "DeleteService", "UpdateService"),
		s.readDiscovery(),
		allow("DiscoveryNamespace", on("servicediscovery", "GetNamespace", "GetOperation"),
			[]string{s.arn("servicediscovery", "namespace/"+s.namespace)}, nil),
		// These cannot be limited to a resource.
		allow("TagDiscovery", on("servicediscovery", "TagResource"), anything, throughCloudFormation(s.tagged(requestTag))),
		allow("AnyDiscovery", on("servicediscovery", "ListServices", "ListTagsForResource", "UntagResource"), anything,
			throughCloudFormation(nil)),
	}
}

// sweepingAPIs are the further statements of a role that only deletes.
func (s scope) sweepingAPIs() []Statement {
	if !s.offersAPI() {
		return nil
	}
	return []Statement{
		s.apis("GET", "DELETE"),
		s.discovery("DeleteService"),
		allow("ReadDiscovery", on("servicediscovery", "GetService"), []string{s.arn("servicediscovery", "service/*")}, s.tagged(resourceTag)),
	}
}

// apis: what CloudFormation does with an API and its parts.
func (s scope) apis(methods ...string) Statement {
	return allow("Apis", on("apigateway", methods...), []string{s.apiGateway("apis/*")}, throughCloudFormation(s.tagged(resourceTag)))
}

// discovery: what CloudFormation does with a service of Cloud Map.
func (s scope) discovery(operations ...string) Statement {
	return allow("Discovery", on("servicediscovery", operations...), []string{s.arn("servicediscovery", "service/*")},
		throughCloudFormation(s.tagged(resourceTag)))
}

// readVPCLink and readDiscovery: what pr-stack asks if an API does not answer.
func (s scope) readVPCLink() Statement {
	return allow("ReadVpcLink", on("apigateway", "GET"), []string{s.apiGateway("vpclinks/" + s.vpcLink)}, nil)
}

func (s scope) readDiscovery() Statement {
	return allow("ReadDiscovery", on("servicediscovery", "GetService", "ListInstances"),
		[]string{s.arn("servicediscovery", "service/*")}, s.tagged(resourceTag))
}

// apiGateway returns the ARN of a path of API Gateway, which has no account.
func (s scope) apiGateway(path string) string {
	return "arn:" + s.partition + ":apigateway:" + s.region + "::/" + path
}
