// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"minga/federation/signature/signaturetest"
	"minga/outbox/mail/mailtest"
	"minga/web/admin"
)

// clinic is an instance behind a proxy that speaks TLS for it, with the name server and the
// mail server of the test: all of it over sockets of loopback.
type clinic struct {
	*instance
	t     *testing.T
	names *mailtest.Names
	post  *mailtest.Sink
	fault atomic.Pointer[string] // what the proxy does wrong
	cache []byte                 // the page that a proxy with the fault "cache" gives to all
}

// openClinic starts it; changed settings are set over the usual ones.
func openClinic(t *testing.T, changed map[string]string) *clinic {
	t.Helper()
	c := &clinic{t: t, names: mailtest.OpenNames(t), post: mailtest.Open(t, mailtest.Manner{StartTLS: true, User: "minga", Password: "geheim"})}
	c.ail("")
	public, inside := aSocket(t), aSocket(t)
	_, port, _ := net.SplitHostPort(public.Addr().String())
	dir := t.TempDir()
	cert, key, _ := selfSigned(t, "minga.test", "media.minga.test")
	authority := filepath.Join(dir, "authority.pem")
	if err := os.WriteFile(authority, append(cert, c.post.CA...), 0o600); err != nil {
		t.Fatal(err)
	}
	set := map[string]string{
		"MINGA_HOST": "minga.test:" + port, "MINGA_DATA_DIR": filepath.Join(dir, "data"), "MINGA_LISTEN": inside.Addr().String(), "MINGA_ADMIN_LISTEN": "",
		"MINGA_TLS_CA_FILE": authority, "MINGA_ALLOW_NETS": "127.0.0.0/8", "MINGA_TRUSTED_PROXIES": "127.0.0.1", "MINGA_MAIL_FROM": "minga@coop.example",
		"MINGA_SMTP_URL": fmt.Sprintf("smtp://minga:geheim@127.0.0.1:%d", c.post.Port), "MINGA_RATE_LIMIT": "off", "MINGA_MEDIA_MAX_BYTES": "4 MiB",
	}
	set["MINGA_MEDIA_URL"] = "https://media.minga.test:" + port
	maps.Copy(set, changed)
	c.names.Address("minga.test", "127.0.0.1", "198.51.100.5")
	c.names.Address("media.minga.test", "127.0.0.1")
	c.start(set, inside)
	c.serveProxy(public, cert, key, inside.Addr().String())
	return c
}

// ail lets the proxy make a mistake; empty: none.
func (c *clinic) ail(fault string) { c.fault.Store(&fault) }

// aSocket is a socket of loopback.
func aSocket(t *testing.T) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// start runs the instance until the test ends.
func (c *clinic) start(set map[string]string, l net.Listener) {
	c.t.Helper()
	config, err := loadConfig(&settingFlags{}, "", lookups{
		env: func(key string) (string, bool) { v, ok := set[key]; return v, ok }, read: os.ReadFile,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if c.instance, err = newInstance(c.t.Context(), config, slog.New(slog.DiscardHandler), time.Now, signaturetest.Keys()); err != nil {
		c.t.Fatal(err)
	}
	c.instance.names = c.names.Resolver
	citiesAlone(c.t, c.instance)
	ctx, stop := context.WithCancel(context.WithoutCancel(c.t.Context()))
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- c.run(ctx, []net.Listener{l}, func() { close(ready) }) }()
	c.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			c.t.Errorf("the end of minga: %v", err)
		}
		if err := c.instance.close(); err != nil {
			c.t.Errorf("closing minga: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- err
		c.t.Fatalf("minga does not run: %v", err)
	}
}

// serveProxy runs the proxy until the test ends.
func (c *clinic) serveProxy(l net.Listener, cert, key []byte, inside string) {
	c.t.Helper()
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		c.t.Fatal(err)
	}
	target := &url.URL{Scheme: "http", Host: inside}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { c.forward(r, target) }, ModifyResponse: c.answer, FlushInterval: -1, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo),
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.stand(w, r, proxy) }), ReadHeaderTimeout: time.Minute, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}}, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)}
	ended := make(chan error, 1)
	go func() { ended <- server.ServeTLS(l, "", "") }()
	c.t.Cleanup(func() { _ = server.Close(); <-ended })
}

// forward hands a request on, with a mistake.
func (c *clinic) forward(r *httputil.ProxyRequest, target *url.URL) {
	r.SetURL(target)
	r.Out.Host = r.In.Host
	r.SetXForwarded()
	for _, name := range []string{"Upgrade", "Connection"} {
		if v := r.In.Header.Get(name); v != "" {
			r.Out.Header.Set(name, v)
		}
	}
	switch *c.fault.Load() {
	case "host":
		r.Out.Host = "127.0.0.1:8080"
	case "one host":
		r.Out.Host = c.config.Host
	case "silent":
		r.Out.Header.Del("X-Forwarded-For")
	case "upgrade":
		r.Out.Header.Del("Upgrade")
	case "date":
		r.Out.Header.Set("Date", "Thu, 01 Jan 2015 00:00:00 GMT")
	case "digest":
		r.Out.Header.Del("Content-Digest")
	case "path":
		r.Out.URL.RawQuery = "utm=1"
	}
}

// stand is before the proxy: bodies that are too large, filters, caches, and answers that are
// collected.
func (c *clinic) stand(w http.ResponseWriter, r *http.Request, next http.Handler) {
	switch fault := *c.fault.Load(); {
	case fault == "body" && r.ContentLength > 2<<20, fault == "small" && r.ContentLength > 1<<19:
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	case fault == "filter" && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/inbox"):
		w.WriteHeader(http.StatusForbidden)
	case fault == "two sites" && strings.HasPrefix(r.Host, "media."):
		r.Host = c.config.Host
		if r.URL.Path == noFile {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	case fault == "old links" && r.Host == c.config.Host && r.URL.Path == noFile, fault == "no media" && strings.HasPrefix(r.Host, "media."):
		w.WriteHeader(http.StatusNotFound)
	case fault == "down":
		w.WriteHeader(http.StatusBadGateway)
	case fault == "webfinger" && strings.HasSuffix(r.URL.Path, "/webfinger"):
		w.Header().Set("Content-Type", "application/jrd+json")
		fmt.Fprintf(w, `{"subject":%q,"links":[{"rel":"self","type":"application/activity+json","href":"https://old.example/actor"}]}`, r.URL.Query().Get("resource"))
	default:
		next.ServeHTTP(w, r)
	}
}

// answer changes what comes back.
func (c *clinic) answer(r *http.Response) error {
	switch *c.fault.Load() {
	case "cors":
		r.Header.Add("Access-Control-Allow-Origin", "*")
	case "buffer":
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return err
	case "cache":
		if c.cache == nil && strings.HasSuffix(r.Request.URL.Path, "/federation") {
			c.cache, _ = io.ReadAll(r.Body)
		}
		if strings.HasSuffix(r.Request.URL.Path, "/federation") {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(c.cache)), int64(len(c.cache))
			r.Header.Set("Content-Type", "application/activity+json")
			r.Header.Set("Content-Length", fmt.Sprint(len(c.cache)))
			r.StatusCode = http.StatusOK
		}
	}
	return nil
}

// examined are the findings of a whole look, by their names.
func (c *clinic) examined(quick bool) map[string]admin.Finding {
	c.t.Helper()
	found := map[string]admin.Finding{}
	err := c.examine(c.t.Context(), quick, func(list []admin.Finding) error {
		for _, f := range list {
			found[f.Name] = f
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return found
}
