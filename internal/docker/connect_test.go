package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestConnectSaysWhyThereIsNoDaemon(t *testing.T) {
	abandoned := filepath.Join(t.TempDir(), "abandoned.sock")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: abandoned})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	_ = listener.Close()

	// An Engine without BuildKit, such as Podman's emulation of one.
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/_ping" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Api-Version", "1.41")
	}))
	t.Cleanup(plain.Close)

	for _, c := range []struct{ name, host, want string }{
		{"no socket", "unix:///nowhere/docker.sock",
			"connect to Docker at unix:///nowhere/docker.sock: no Docker daemon: no such file or directory"},
		{"a socket without a daemon", "unix://" + abandoned, "no Docker daemon: connection failed"},
		{"an unsupported scheme", "ssh://me@host",
			"no Docker daemon: the address must begin with unix:// or tcp://"},
		{"no scheme", "/var/run/docker.sock",
			"no Docker daemon: the address must begin with unix:// or tcp://"},
		{"no BuildKit", "tcp://" + plain.Listener.Addr().String(), "no Docker daemon: it has no BuildKit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Connect(t.Context(), c.host)
			if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Connect(%q) = %v, want ErrUnavailable: %s", c.host, err, c.want)
			}
			if !strings.Contains(hintOf(err), "start Docker") || !strings.Contains(hintOf(err), "set image-archive") {
				t.Errorf("Connect(%q) has the hint %q, want the ways to do without this daemon",
					c.host, hintOf(err))
			}
		})
	}
}

// A daemon that hangs must not delay a cancelled job.
func TestCancelWhenTheDaemonHangs(t *testing.T) {
	real := connectForTest(t)
	base := shell(t, real)
	hanging := &valve{}
	d, err := Connect(t.Context(), "unix://"+hanging.listen(t, real.engine.DaemonHost()))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()

	ctx, cancel := context.WithCancelCause(t.Context())
	watch := &stopwatch{marker: "| running", cancel: func(err error) { hanging.shut(t); cancel(err) }}
	d.Progress = watch
	dockerfile := "FROM " + base + "\nRUN echo running " + time.Now().String() + "; sleep 60\n"
	_, err = d.BuildAndPush(ctx, Build{Context: folder(t, "Dockerfile", dockerfile)}, "127.0.0.1:1/never:pushed")
	watch.check(t, err)
}

// valve forwards the bytes between client and daemon until it is shut.
type valve struct {
	open sync.RWMutex // locked for writing while it is shut
}

func (v *valve) shut(t *testing.T) {
	v.open.Lock()
	t.Cleanup(v.open.Unlock)
}

func (v *valve) listen(t *testing.T, daemon string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "valve.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", strings.TrimPrefix(daemon, "unix://"))
			if err != nil {
				_ = client.Close()
				return
			}
			t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
			go v.copy(server, client)
			go v.copy(client, server)
		}
	}()
	return path
}

func (v *valve) copy(to io.Writer, from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		v.open.RLock()
		_, err = to.Write(buffer[:n])
		v.open.RUnlock()
		if err != nil {
			return
		}
	}
}
