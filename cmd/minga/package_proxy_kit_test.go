// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// example is the blocks of docs/proxies.md in a language, one after the other.
func example(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/proxies.md")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, rest := range strings.Split(string(text), "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(rest, "\n```")
		all.WriteString(block + "\n")
	}
	if all.Len() == 0 {
		t.Fatalf("docs/proxies.md has no example for %s", language)
	}
	return all.String()
}

// freePort is a port of this machine that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// proxied is a proxy in the clean root.
type proxied struct {
	name    string
	config  func(t *testing.T, plain, secure, upstream string) string
	command []string
}

// installedProxies are those of docs/proxies.md.
var installedProxies = []proxied{
	{"nginx", nginxConfig, []string{"/usr/sbin/nginx", "-c", "/proxy/nginx.conf", "-g", "daemon off; error_log stderr;"}},
	{"caddy", caddyConfig, []string{"/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", "/proxy/caddy.conf"}},
}

// cleanRoot is the root that scripts/test package made.
func cleanRoot(t *testing.T) string {
	t.Helper()
	root := os.Getenv("MINGA_TEST_ROOT")
	if root == "" {
		t.Skip("MINGA_TEST_ROOT names no clean root: run scripts/test package")
	}
	return root
}

// nginxConfig is the example with the names and ports of the test.
func nginxConfig(t *testing.T, plain, secure, upstream string) string {
	text := strings.NewReplacer("listen 80;", "listen 127.0.0.1:"+plain+";", "    listen [::]:80;\n", "", "listen 443 ssl", "listen 127.0.0.1:"+secure+" ssl", "    listen [::]:443 ssl http2;\n", "",
		"/etc/letsencrypt/live/minga.example.org/fullchain.pem", "/proxy/cert.pem", "/etc/letsencrypt/live/minga.example.org/privkey.pem", "/proxy/key.pem",
		"http://127.0.0.1:8080", upstream).Replace(example(t, "nginx"))
	return "pid /proxy/nginx.pid;\nevents {}\nhttp {\naccess_log off;\n" + text + "}\n"
}

// caddyConfig is the same for Caddy, which would ask an authority for a certificate.
func caddyConfig(t *testing.T, plain, secure, upstream string) string {
	text := strings.NewReplacer("minga.example.org {", "minga.example.org {\n\ttls /proxy/cert.pem /proxy/key.pem\n\tbind 127.0.0.1", "127.0.0.1:8080", strings.TrimPrefix(upstream, "http://")).Replace(example(t, "caddy"))
	return "{\n\tadmin off\n\tstorage file_system /proxy/store\n\thttp_port " + plain + "\n\thttps_port " + secure + "\n}\n" + text
}

// standing is a proxy with a certificate of the test's own and a port, in the folder /proxy
// of the clean root.
type standing struct {
	proxied
	root, dir, port string
	authority       *x509.CertPool
	example         string // its configuration, as docs/proxies.md has it
}

// layProxy makes the folder; what lay there is gone.
func layProxy(t *testing.T, root string, one proxied, upstream string) *standing {
	t.Helper()
	p := &standing{proxied: one, root: root, dir: filepath.Join(root, "proxy"), port: freePort(t)}
	cert, key, pool := selfSigned(t, "minga.example.org", "media.minga.example.org")
	p.authority, p.example = pool, one.config(t, freePort(t), p.port, upstream)
	_ = os.RemoveAll(p.dir)
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.write(t, "cert.pem", cert)
	p.write(t, "key.pem", key)
	return p
}

// write lays a file into the folder.
func (p *standing) write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// within is a program of the clean root, for which there is no other.
func (p *standing) within(said io.Writer, args ...string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Env, cmd.Dir = said, said, []string{"HOME=/proxy", "PATH=/usr/sbin:/usr/bin"}, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: p.root, Setpgid: true}
	return cmd
}

// run starts the proxy with a configuration, until the test ends, and waits until it listens.
func (p *standing) run(t *testing.T, config string) {
	t.Helper()
	p.write(t, p.name+".conf", []byte(config))
	var said bytes.Buffer
	cmd := p.within(&said, p.command...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said: %s", p.name, &said)
		}
	})
	eventually(t, 30*time.Second, p.name+" listens", func() bool {
		conn, err := net.Dial("tcp4", "127.0.0.1:"+p.port)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// proxyClient speaks to the proxy under the public name.
func proxyClient(t *testing.T, port string, authority *x509.CertPool) *http.Client {
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: authority}, DisableCompression: true}
	transport.DialContext = (&dialTo{"127.0.0.1:" + port}).dial
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}
