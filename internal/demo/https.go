package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"time"
)

// Load balancers speak HTTP and HTTPS on the same port, since none of the demo's ports is 80 or 443. Names
// in the account's hosted zone lead there.

// domain is that of the environments' host names.
const domain = "preview.example.com"

// newCertificate returns a certificate for the names below the domain, which signs itself.
func newCertificate() (tls.Certificate, *x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"*." + domain}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, 1),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, trusted, nil
}

// transport returns what requests URLs: it trusts that certificate, and resolves names as the account does. Each
// request has a connection of its own, since a kept one leads to the load balancer of an earlier answer.
func transport(trusted *x509.CertPool, resolve func(host string) string) http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true
	t.TLSClientConfig = &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(address); err == nil {
			if target := resolve(host); target != "" {
				address = target
			}
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return t
}

// split returns two listeners for the connections of one: those that begin with TLS's handshake, and all
// others.
func split(l net.Listener) (plain, secure net.Listener) {
	closed := make(chan struct{})
	p, s := branch{l, make(chan net.Conn), closed}, branch{l, make(chan net.Conn), closed}
	go func() {
		defer close(closed)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				const handshake = 22 // the first byte of a record with one
				peeked, to := &peekedConn{c, bufio.NewReader(c)}, p
				if first, err := peeked.r.Peek(1); err == nil && first[0] == handshake {
					to = s
				}
				select {
				case to.connections <- peeked:
				case <-closed:
					c.Close()
				}
			}()
		}
	}()
	return p, s
}

// branch is a listener for some of the connections of another.
type branch struct {
	net.Listener
	connections chan net.Conn
	closed      chan struct{} // is closed when the other listener is
}

func (b branch) Accept() (net.Conn, error) {
	select {
	case c := <-b.connections:
		return c, nil
	case <-b.closed:
		return nil, net.ErrClosed
	}
}

type peekedConn struct {
	net.Conn
	r *bufio.Reader
}

func (c *peekedConn) Read(p []byte) (int, error) { return c.r.Read(p) }
