package aws_test

import (
	"net/http"
	"testing"

	fakeaws "pr-stack/internal/fake/aws"
	"pr-stack/internal/template"
)

// An API can be given a host with a port, as a load balancer can. A preview's pages are kept out of
// search engines, and those of other environments are not.
func TestAPI_on_a_host_of_the_callers(t *testing.T) {
	for pull, want := range map[string]string{"7": "noindex", "": ""} {
		options := fakeaws.Options{Container: imageName, LoadBalancerHost: func(string) string { return "127.0.0.1:4711" }}
		onSite(t, options, func(s *site) {
			s.updateBase(map[string]string{"Service": "hello", "VpcLink": "true"})
			values := s.apiValues(s.image("one"))
			values["PullRequest"] = pull
			s.create("hello-pr-7", template.Fargate, values)
			s.wait()
			url := s.outputs("hello-pr-7")["Url"]
			if url != "http://127.0.0.1:4711" {
				s.Errorf("the URL is %s", url)
			}
			response, err := (&http.Client{Transport: s.AWS}).Get(url)
			if err != nil {
				s.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != 200 || response.Header.Get("X-Robots-Tag") != want {
				s.Errorf("GET = %v, want X-Robots-Tag: %s", response, want)
			}
		})
	}
}
