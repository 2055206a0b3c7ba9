package command_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/rogpeppe/go-internal/testscript"

	fakegithub "pr-stack/internal/fake/github"
)

// onGitHub is what the script command github has happen there, by its first argument. The second is
// most often the pull request's number.
var onGitHub = map[string]func(g *fakegithub.GitHub, args []string){
	"open":  func(g *fakegithub.GitHub, args []string) { g.Open(numberOf(args), args[1]) },
	"fork":  func(g *fakegithub.GitHub, args []string) { g.SetHeadRepository(numberOf(args), args[1]) },
	"push":  func(g *fakegithub.GitHub, args []string) { g.Push(numberOf(args), args[1]) },
	"close": func(g *fakegithub.GitHub, args []string) { g.Close(numberOf(args), false) },
	"merge": func(g *fakegithub.GitHub, args []string) { g.Close(numberOf(args), true) },
	// It becomes a commit of the base branch; how is merge, squash, rebase or queue. The commit has the files of
	// the pull request's head, unless tree says otherwise.
	"merged": func(g *fakegithub.GitHub, args []string) {
		g.Merge(numberOf(args), fakegithub.Method(args[2]), args[1])
	},
	"tree":           func(g *fakegithub.GitHub, args []string) { g.SetTree(args[0], args[1]) },
	"head":           func(g *fakegithub.GitHub, args []string) { g.SetHead(args[0], args[1]) },
	"reopen":         func(g *fakegithub.GitHub, args []string) { g.Reopen(numberOf(args)) },
	"label":          func(g *fakegithub.GitHub, args []string) { g.SetLabels(numberOf(args), args[1:]...) },
	"draft":          func(g *fakegithub.GitHub, args []string) { g.SetDraft(numberOf(args), true) },
	"author":         func(g *fakegithub.GitHub, args []string) { g.SetAuthor(numberOf(args), args[1]) },
	"files":          func(g *fakegithub.GitHub, args []string) { g.SetFiles(numberOf(args), args[1:]...) },
	"default-branch": func(g *fakegithub.GitHub, args []string) { g.SetDefaultBranch(args[0]) },
	// Somebody writes a comment.
	"comment": func(g *fakegithub.GitHub, args []string) { g.Comment(numberOf(args), args[1], args[2]) },
	// A commit's message, and a file's text at a commit.
	"message": func(g *fakegithub.GitHub, args []string) { g.SetMessage(args[0], args[1]) },
	"file":    func(g *fakegithub.GitHub, args []string) { g.SetFile(args[0], args[1], args[2]) },
	// The token may not do what this path is for.
	"forbid": func(g *fakegithub.GitHub, args []string) { g.Forbid(args[0]) },
	// Calls for a path are refused with a status and a message.
	"refuse": func(g *fakegithub.GitHub, args []string) {
		g.Inject(fakegithub.Fault{Status: numberOf(args), Path: args[1], Message: args[2]})
	},
	// The next call is answered so many seconds late.
	"slow": func(g *fakegithub.GitHub, args []string) {
		g.Inject(fakegithub.Fault{Delay: seconds(args), Times: 1})
	},
	// So many calls are answered with a 502.
	"fail": func(g *fakegithub.GitHub, args []string) {
		g.Inject(fakegithub.Fault{Status: 502, Times: numberOf(args)})
	},
	"limit": func(g *fakegithub.GitHub, args []string) { g.Inject(fakegithub.SecondaryLimit(429, seconds(args))) },
	"heal":  func(g *fakegithub.GitHub, _ []string) { g.Heal() },
}

func numberOf(args []string) int {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		panic(err)
	}
	return n
}

func seconds(args []string) time.Duration { return time.Duration(numberOf(args)) * time.Second }

func (s *script) onGitHub(ts *testscript.TestScript, args []string) {
	do, ok := onGitHub[args[0]]
	if !ok {
		ts.Fatalf("GitHub knows no %s", args[0])
	}
	do(s.GitHub, args[1:])
}

func (s *script) comments(ts *testscript.TestScript, args []string) {
	list := s.GitHub.Comments(numberOf(args))
	fmt.Fprintf(ts.Stdout(), "%d comments\n%s\n", len(list), strings.Join(list, "\n---\n"))
}

// commentHistory lists every body that the comments on a pull request had.
func (s *script) commentHistory(ts *testscript.TestScript, args []string) {
	fmt.Fprintln(ts.Stdout(), strings.Join(s.GitHub.CommentHistory(numberOf(args)), "\n---\n"))
}

// finalStatuses lists the deployments to an environment, a line each: the commit and its last status.
func (s *script) finalStatuses(ts *testscript.TestScript, args []string) {
	for _, d := range s.GitHub.Deployments(args[0]) {
		fmt.Fprintf(ts.Stdout(), "%.7s %s\n", d.Ref, d.Statuses[len(d.Statuses)-1].State)
	}
}

func (s *script) deployments(ts *testscript.TestScript, args []string) {
	fmt.Fprintln(ts.Stdout(), strings.Join(s.GitHub.DeploymentStatuses(args[0]), ", "))
}

// archive writes what a workflow without credentials hands over.
func archive(ts *testscript.TestScript, args []string) {
	image, err := random.Image(1024, 2)
	ts.Check(err)
	tag, err := name.NewTag("example.org/whatever:1")
	ts.Check(err)
	ts.Check(tarball.WriteToFile(ts.MkAbs(args[0]), tag, image))
	_, err = os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
}
