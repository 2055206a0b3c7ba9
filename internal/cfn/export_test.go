package cfn

// Read exports read for tests of behavior that no deployment shows.
var Read = (*Client).read
