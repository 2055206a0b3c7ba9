package command_test

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"pr-stack/internal/command"
)

// A server that answers before it is asked must not write to the job's log, whose runner would carry
// out ##[set-output name=url]http://evil.example.
func TestMain_keeps_what_a_server_sent_unasked_out_of_the_log(t *testing.T) {
	if os.Getenv("PR_STACK_TEST_SILENCE") != "" { // in a process of its own, since the log is the process's
		command.Main(t.Context(), command.Process{Args: []string{"--help"}, Stdout: io.Discard})
		answerUnasked()
		return
	}
	test := exec.CommandContext(t.Context(), os.Args[0], "-test.run", t.Name())
	test.Env = append(os.Environ(), "PR_STACK_TEST_SILENCE=1")
	var stderr bytes.Buffer
	test.Stderr = &stderr
	if err := test.Run(); err != nil || strings.Contains(stderr.String(), "##[") {
		t.Errorf("%v, standard error is %q, want nothing of the server's", err, stderr.String())
	}
}

// answerUnasked requests a URL from a server that says more than it was asked for.
func answerUnasked() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Panic(err)
	}
	defer listener.Close()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 1))
		_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n##[set-output name=url]http://evil.example\r\n")
		_, _ = io.Copy(io.Discard, conn)
		conn.Close()
	}()
	response, err := http.Get("http://" + listener.Addr().String())
	if err == nil {
		response.Body.Close()
	}
	<-closed // by the transport, after it has logged why
}
