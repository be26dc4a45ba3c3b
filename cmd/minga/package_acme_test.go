// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"minga/storage"
)

// selfSigned is a certificate for some names that vouches for itself.
func selfSigned(t *testing.T, names ...string) (cert, key []byte, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: packed})
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return cert, key, pool
}

// dialTo leads every connection to one address.
type dialTo struct{ address string }

func (d *dialTo) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp4", d.address)
}

// nameServer says of every name that it is this machine.
func nameServer(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	t.Cleanup(func() { _ = conn.Close(); wait.Wait() })
	wait.Go(func() {
		text := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(text)
			if err != nil {
				return
			}
			if reply, err := nameReply(text[:n]); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	})
	return conn.LocalAddr().String()
}

// nameReply answers one question.
func nameReply(text []byte) ([]byte, error) {
	var asked dnsmessage.Message
	if err := asked.Unpack(text); err != nil {
		return nil, err
	}
	asked.Response, asked.RecursionAvailable, asked.Additionals = true, true, nil
	for _, q := range asked.Questions {
		if q.Type == dnsmessage.TypeA {
			asked.Answers = append(asked.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
			})
		}
	}
	return asked.Pack()
}

// authority is an ACME server that we did not write (Pebble), of which the certificate
// is PEM and the roots are asked at manage.
type authority struct{ directory, manage, file string }

// newAuthority starts it; what it is asked to vouch for it visits at port.
func newAuthority(t *testing.T, path, port string) authority {
	t.Helper()
	dir := t.TempDir()
	cert, key, _ := selfSigned(t, "localhost")
	a := authority{directory: "https://127.0.0.1:" + freePort(t) + "/dir", manage: "127.0.0.1:" + freePort(t), file: filepath.Join(dir, "cert.pem")}
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": dialled(a.directory), "managementListenAddress": a.manage, "certificate": a.file, "privateKey": filepath.Join(dir, "key.pem"),
		"httpPort": 1, "tlsPort": json.Number(port), "ocspResponderURL": "", "externalAccountBindingRequired": false,
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"cert.pem": cert, "key.pem": key, "config.json": config} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(path, "-config", filepath.Join(dir, "config.json"), "-dnsserver", nameServer(t))
	var said bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{"PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=20"}, &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the authority said: %s", &said)
		}
	})
	eventually(t, 30*time.Second, "the authority listens", func() bool { return a.roots(t) != nil })
	return a
}

// roots are what its certificates lead back to; nil: it does not answer yet.
func (a authority) roots(t *testing.T) *x509.CertPool {
	text, err := os.ReadFile(a.file)
	if err != nil {
		t.Fatal(err)
	}
	own := x509.NewCertPool()
	own.AppendCertsFromPEM(text)
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: own}, DisableKeepAlives: true}}
	w, err := client.Get("https://" + a.manage + "/roots/0")
	if err != nil {
		return nil
	}
	defer func() { _ = w.Body.Close() }()
	root, err := io.ReadAll(w.Body)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(root) {
		return nil
	}
	return pool
}

// TestPackageCertificate: the program fetches its certificate by itself from an authority
// (RFC 8555, RFC 8737), serves with it, keeps it over a restart, and has none for others.
func TestPackageCertificate(t *testing.T) {
	path := os.Getenv("MINGA_TEST_PEBBLE")
	if path == "" {
		t.Skip("MINGA_TEST_PEBBLE names no authority: run scripts/test package")
	}
	p := newProcess(t, "ana", storage.SQLite)
	_, port, _ := net.SplitHostPort(p.host)
	a := newAuthority(t, path, port)
	// The last of a name counts.
	p.env = append(p.env, "MINGA_HOST=minga.test", "MINGA_SCHEME=https", "MINGA_ACME_EMAIL=ana@minga.test", "MINGA_ACME_DIRECTORY="+a.directory, "MINGA_TLS_CA_FILE="+a.file)
	p.start()
	roots := a.roots(t)
	var first []byte
	shown := func(name string) ([]byte, error) {
		conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: roots, ServerName: name}}).DialContext(t.Context(), "tcp4", "127.0.0.1:"+port)
		if err != nil {
			return nil, err
		}
		defer func() { _ = conn.Close() }()
		return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Raw, nil
	}
	eventually(t, time.Minute, "a certificate that the authority vouches for", func() (ok bool) {
		var err error
		first, err = shown("minga.test")
		return err == nil
	})
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DialContext: (&dialTo{"127.0.0.1:" + port}).dial, DisableKeepAlives: true}}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "https://minga.test/healthz", nil)
	answer(t, client, r)
	if _, err := shown("evil.test"); err == nil {
		t.Error("there is a certificate for a name that is not ours")
	}
	if _, code := p.stop(syscall.SIGTERM); code != 0 {
		t.Errorf("ended with %d", code)
	}
	p.start()
	if again, err := shown("minga.test"); err != nil || !bytes.Equal(again, first) {
		t.Errorf("the certificate was not kept: %v", err)
	}
}
