package awsconfig

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// On a machine without credentials the SDK asks the metadata service of EC2. By default the SDK
// then writes to standard error that it falls back to an older version of this service. But only
// the package runner may write to the job's log.
func TestSignIn_the_SDKs_log_lines_are_for_debugging(t *testing.T) {
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			http.Error(w, "no tokens here", http.StatusForbidden)
			return
		}
		http.NotFound(w, r)
	}))
	defer metadata.Close()
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.URL, "AWS_EC2_METADATA_DISABLED": "false",
		"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
	} {
		t.Setenv(name, value)
	}
	var lines []string
	stderr := readStderr(t, func() {
		_, err := SignIn(t.Context(), Options{
			Region: "eu-north-1", Mask: func(string) {},
			Debugf: func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) },
		})
		if err == nil {
			t.Error("there are credentials, want none")
		}
	})
	if stderr != "" {
		t.Errorf("standard error has %q, want nothing", stderr)
	}
	if !slices.ContainsFunc(lines, func(s string) bool { return strings.HasPrefix(s, "AWS SDK WARN: falling back to IMDSv1") }) {
		t.Errorf("the lines for debugging are %q, want the SDK's warning among them", lines)
	}
}

// readStderr returns what a function writes to standard error.
func readStderr(t *testing.T, run func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	before := os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = before }()
	run()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
