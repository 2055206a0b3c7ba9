package cfn

// Read is read, for the tests of what no deployment shows.
var Read = (*Client).read
