package probe

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// serve answers each connection with the same bytes, and returns its address. If endless is true, it
// repeats them until the connection is closed.
func serve(t *testing.T, answer string, endless bool) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				for line := ""; line != "\r\n"; {
					if line, err = in.ReadString('\n'); err != nil {
						return
					}
				}
				for {
					if _, err := io.WriteString(conn, answer); err != nil || !endless {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// What answers at the URL is the environment's code, which may be a stranger's. Its answer is good or
// not, and says nothing in its own words.
func TestRequest_of_a_hostile_server(t *testing.T) {
	const words = "\x1b]52;c;ZXZpbA==\x07 \u202e hostile "
	long := strings.Repeat("hostile ", 1<<17)
	for name, test := range map[string]struct {
		answer  string
		endless bool
		want    answer
	}{
		"reason phrase":       {"HTTP/1.1 500 " + words + "\r\nContent-Length: 0\r\n\r\n", false, answer{text: "the last answer was 500 Internal Server Error"}},
		"a status of its own": {"HTTP/1.1 599 " + words + "\r\nContent-Length: 0\r\n\r\n", false, answer{text: "the last answer was 599"}},
		"long reason":         {"HTTP/1.1 500 " + long + "\r\n\r\n", false, answer{text: "the answer is not valid HTTP"}},
		"status":              {"HTTP/1.1 " + words + "\r\n\r\n", false, answer{text: "the answer is not valid HTTP"}},
		"protocol":            {words + "\r\n\r\n", false, answer{text: "the answer is not valid HTTP"}},
		"header":              {"HTTP/1.1 200 OK\r\n" + words + "\r\n\r\n", false, answer{text: "the answer is not valid HTTP"}},
		"length":              {"HTTP/1.1 200 OK\r\nContent-Length: " + words + "\r\n\r\n", false, answer{text: "the answer is not valid HTTP"}},
		"encoding":            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + words + "\r\n\r\n", false, answer{text: "the answer is not valid HTTP"}},
		"redirect":            {"HTTP/1.1 302 Found\r\nLocation: http://%zz/" + strings.Repeat("hostile", 1000) + "\r\nContent-Length: 0\r\n\r\n", false, answer{ok: true, text: "the last answer was 302 Found"}},
		"redirect to itself":  {"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", false, answer{ok: true, text: "the last answer was 302 Found"}},
		"many headers":        {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: hostile\r\n", 1<<17) + "\r\n", false, answer{text: "the answer is not valid HTTP"}},
		"endless headers":     {"HTTP/1.1 200 OK\r\nX: hostile\r\n", true, answer{text: "the answer is not valid HTTP"}},
		"endless hints":       {"HTTP/1.1 103 Early Hints\r\nLink: hostile\r\n\r\n", true, answer{text: "the answer is not valid HTTP"}},
		"endless body":        {"HTTP/1.1 200 OK\r\n\r\n" + long, true, answer{ok: true, text: "the last answer was 200 OK"}},
		"no answer":           {"", false, answer{text: "the connection was closed without an answer"}},
		"half an answer":      {"HTTP/1.1 20", false, answer{text: "the answer is not valid HTTP"}},
	} {
		got := request(t.Context(), newTransport(), "http://"+serve(t, test.answer, test.endless)+"/")
		got.hint = ""
		if got != test.want {
			t.Errorf("%s: request = %.300q, want %q", name, got.text, test.want.text)
		}
	}
}

// A certificate's names are its owner's words, too.
func TestRequest_of_a_hostile_certificate(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hostile"}, DNSNames: []string{"hostile.example.com"},
		NotAfter: time.Now().Add(time.Hour),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, conn) // the handshake
			conn.Close()
		}
	}()
	got := request(t.Context(), newTransport(), "https://"+listener.Addr().String()+"/")
	if got.ok || got.text != "the certificate is signed by an unknown authority" && got.text != "the certificate is for another host" {
		t.Errorf("request = %q, want what is wrong with the certificate, without its names", got.text)
	}
}
