package runnertest_test

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pr-stack/internal/runner/runnertest"
)

func TestOutputs(t *testing.T) {
	got := runnertest.Outputs("plain=a=b\nurl<<EOF\nhttp://x\nEOF\nempty<<EOF\nEOF\nlong<<_X\none\ntwo=2\n_X\nquery=a<<b\n")
	want := map[string]string{"plain": "a=b", "url": "http://x", "empty": "", "long": "one\ntwo=2", "query": "a<<b"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outputs differ (-want +got):\n%s", diff)
	}
}

func TestCommands(t *testing.T) {
	for name, test := range map[string]struct {
		log  string
		want []runnertest.Command
	}{
		"message is unescaped": {
			"::error::100%25%0Atwo\n",
			[]runnertest.Command{{"error", map[string]string{}, "100%\ntwo"}},
		},
		"properties": {
			"::notice title=a%3A b%2C c,line=1::said\n",
			[]runnertest.Command{{"notice", map[string]string{"title": "a: b, c", "line": "1"}, "said"}},
		},
		"indented":         {"  ::endgroup::\n", []runnertest.Command{{"endgroup", map[string]string{}, ""}}},
		"not at the start": {"see ::error::x\n", nil},
		"unknown name":     {"::no-such::x\n", nil},
		"stopped": {
			"::stop-commands::t0\n::set-env name=PATH::/evil\n::t1::\n::t0::\n::add-mask::x\n",
			[]runnertest.Command{{"stop-commands", map[string]string{}, "t0"}, {"add-mask", map[string]string{}, "x"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, runnertest.Commands(test.log)); diff != "" {
				t.Errorf("commands differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRender(t *testing.T) {
	log := "::add-mask::hunter2\n::group::Deploy\nthe password is hunter2\n::endgroup::\n" +
		"::error title=x::it broke%0Ahint: hunter2\n" +
		"::stop-commands::t0\n::error::not ours\n::t0::\n::nobody::shown\nno end"
	want := "▾ Deploy\n  the password is ***\nError: it broke\nhint: ***\n::error::not ours\n::nobody::shown\nno end\n"
	if diff := cmp.Diff(want, runnertest.Render(log)); diff != "" {
		t.Errorf("page differs (-want +got):\n%s", diff)
	}
}

func TestPage_folds_groups(t *testing.T) {
	var out strings.Builder
	page := &runnertest.Page{Out: &out, Folded: func(title string) bool { return title == "Long" }}
	if _, err := io.WriteString(page, "::group::Long\none\n::endgroup::\n::group::Short\ntwo\n::endgroup::\nthree\n"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("▸ Long\n▾ Short\n  two\nthree\n", out.String()); diff != "" {
		t.Errorf("page differs (-want +got):\n%s", diff)
	}
}
