package release

import "strings"

// dataTypes are the beginnings of the types of resources that keep data.
var dataTypes = []string{
	"AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::GlobalCluster", "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster",
	"AWS::DynamoDB::", "AWS::S3::Bucket", "AWS::S3Express::DirectoryBucket", "AWS::EFS::FileSystem", "AWS::FSx::FileSystem",
	"AWS::ElastiCache::", "AWS::MemoryDB::Cluster", "AWS::OpenSearchService::Domain", "AWS::OpenSearchServerless::Collection",
	"AWS::Redshift::Cluster", "AWS::RedshiftServerless::Namespace", "AWS::Timestream::", "AWS::Cassandra::Table", "AWS::DSQL::Cluster",
}

// HoldsData reports whether a resource of this type keeps data that requests change.
func HoldsData(resourceType string) bool {
	for _, begin := range dataTypes {
		if resourceType == begin || strings.HasSuffix(begin, "::") && strings.HasPrefix(resourceType, begin) {
			return true
		}
	}
	return false
}
