// Package process runs the programs in images as real processes on this machine, so that a
// container of the fake account answers what its program answers. It supports images with one
// static program for this operating system. It isolates nothing: use it only for images that you
// trust.
package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	fakeaws "pr-stack/internal/fake/aws"
)

// Runner starts a process for each container. Pull must be set.
type Runner struct {
	Pull func(reference string) (v1.Image, error)

	mu        sync.Mutex
	processes map[*process]bool
}

type process struct {
	dir     string
	proxy   http.Handler
	up      chan struct{} // closed when the process has been started or could not be started
	err     error         // why it could not be started; read it after up
	command *exec.Cmd
	stop    context.CancelFunc
	exit    error // how it ended; read it after gone
	gone    chan struct{}

	written chan struct{} // closed when it writes no more
	mu      sync.Mutex
	lines   []string // the last that it wrote to its standard error
}

// Container starts the program of an image with the environment of its task and of the image, and
// with PORT and HOST, which say where to listen. It returns at once; until the program listens, the
// container answers 502.
func (r *Runner) Container(image string, env map[string]string) fakeaws.Container {
	p := r.run(image, nil, func(ctx context.Context, p *process) ([]string, error) {
		port, err := freePort(ctx)
		p.proxy = proxy(port)
		return append(variables(env), "PORT="+port, "HOST=127.0.0.1"), err
	})
	return fakeaws.Container{Handler: p, Stop: func() { r.end(p) }}
}

// run starts the program of an image, with a command in place of the image's own if it is not nil. prepare
// returns its environment, besides the image's.
func (r *Runner) run(image string, command []string, prepare func(context.Context, *process) ([]string, error)) *process {
	ctx, stop := context.WithCancel(context.Background())
	p := &process{up: make(chan struct{}), gone: make(chan struct{}), stop: stop}
	r.add(p)
	go func() {
		defer close(p.gone)
		p.err = p.start(ctx, r.Pull, image, command, prepare)
		close(p.up)
		if p.err == nil {
			<-p.written // Wait closes what it writes to
			p.exit = p.command.Wait()
		}
		_ = os.RemoveAll(p.dir)
	}()
	return p
}

func (r *Runner) add(p *process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.processes == nil {
		r.processes = map[*process]bool{}
	}
	r.processes[p] = true
}

// Running returns the number of processes.
func (r *Runner) Running() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.processes)
}

// Close ends every process and waits for it.
func (r *Runner) Close() {
	r.mu.Lock()
	var all []*process
	for p := range r.processes {
		all = append(all, p)
	}
	r.mu.Unlock()
	for _, p := range all {
		r.end(p)
		<-p.gone
	}
}

func (r *Runner) end(p *process) {
	p.stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.processes, p)
}

// start starts the image's program, with a command in place of the image's own if it is not nil.
func (p *process) start(
	ctx context.Context, pull func(string) (v1.Image, error), reference string, command []string,
	prepare func(context.Context, *process) ([]string, error),
) error {
	image, err := pull(reference)
	if err != nil {
		return fmt.Errorf("pull %s: %w", reference, err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return fmt.Errorf("read the configuration of %s: %w", reference, err)
	}
	if command == nil {
		command = file.Config.Cmd
	}
	argv := append(append([]string{}, file.Config.Entrypoint...), command...)
	if len(argv) == 0 {
		return fmt.Errorf("run %s: it has neither an entrypoint nor a command", reference)
	}
	if p.dir, err = os.MkdirTemp("", "container-"); err != nil {
		return err
	}
	if err := unpack(image, p.dir); err != nil {
		return fmt.Errorf("unpack %s: %w", reference, err)
	}
	env, err := prepare(ctx, p)
	if err != nil {
		return err
	}
	p.command = exec.CommandContext(ctx, filepath.Join(p.dir, filepath.FromSlash(argv[0])), argv[1:]...)
	p.command.Dir = p.dir
	p.command.Cancel = func() error { return p.command.Process.Signal(syscall.SIGTERM) }
	p.command.WaitDelay = 2 * time.Second
	p.command.Env = append(file.Config.Env, env...)
	output, err := p.command.StderrPipe()
	if err != nil {
		return err
	}
	if err := p.command.Start(); err != nil {
		return fmt.Errorf("run %s: %w", reference, err)
	}
	p.written = make(chan struct{})
	go p.read(bufio.NewReader(output))
	return nil
}

// maxLines is how many lines of what a process writes are kept.
const maxLines = 100

// read keeps the last lines that the process writes.
func (p *process) read(r *bufio.Reader) {
	defer close(p.written)
	for {
		line, err := r.ReadString('\n')
		p.mu.Lock()
		if line = strings.TrimRight(line, "\n"); line != "" {
			p.lines = append(p.lines, line)
			p.lines = p.lines[max(0, len(p.lines)-maxLines):]
		}
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func variables(env map[string]string) []string {
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return list
}

// freePort returns a port on loopback that nothing listens on at the moment.
func freePort(ctx context.Context) (string, error) {
	var c net.ListenConfig
	listener, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

func proxy(port string) http.Handler {
	target := &url.URL{Scheme: "http", Host: "127.0.0.1:" + port}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "502 Bad Gateway", http.StatusBadGateway)
		},
	}
}

// ServeHTTP passes a request on to the process. It never waits for a process to start: health
// checks are made with the account's lock held, and the start needs the lock too.
func (p *process) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-p.up:
	default:
		http.Error(w, "502 Bad Gateway", http.StatusBadGateway)
		return
	}
	if p.err != nil {
		http.Error(w, p.err.Error(), http.StatusBadGateway)
		return
	}
	p.proxy.ServeHTTP(w, r)
}

var errOutside = errors.New("a path leads out of the image")

// inside returns the place in dir of a path of the image.
func inside(dir, path string) (string, error) {
	local := filepath.FromSlash(strings.TrimPrefix(path, "/"))
	if !filepath.IsLocal(local) {
		return "", fmt.Errorf("%w: %s", errOutside, path)
	}
	return filepath.Join(dir, local), nil
}
