// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"minga/outbox/mail/mailtest"
	"minga/web/admin"
)

// spoilt is a mistake in the configuration of a proxy, and what the check-up says of it.
type spoilt struct {
	name    string
	changes []string // pairs of what stands in the example and what stands there instead
	check   string
	state   admin.FindingState
	fact    string
}

// spoiltProxies are the usual mistakes, as people make them in each proxy.
var spoiltProxies = map[string][]spoilt{
	"nginx": {
		{"Host is not handed on", []string{"proxy_set_header Host $http_host;", ""}, "address", admin.FindingFail, "421"},
		{"minga is not where it asks", []string{"proxy_pass http://127.0.0.1:", "proxy_pass http://127.0.0.2:"}, "address", admin.FindingFail, "502"},
		{"the visitor is not named", []string{"proxy_set_header X-Forwarded-For $remote_addr;", ""}, "proxy", admin.FindingFail, "127.0.0.1"},
		{"answers are collected", []string{"proxy_buffering off;", "proxy_ignore_headers X-Accel-Buffering;"}, "streaming", admin.FindingFail, "with the last one"},
		{"only our own header keeps answers from being collected", []string{"proxy_buffering off;", ""}, "streaming", admin.FindingOK, ""},
		{"no WebSocket is handed on", []string{"proxy_set_header Upgrade $http_upgrade;", ""}, "streaming", admin.FindingWarn, "Upgrade"},
		{"bodies may have a MiB", []string{"client_max_body_size 48m;", ""}, "uploads", admin.FindingFail, "413"},
		{"bodies may have half of that", []string{"client_max_body_size 48m;", "client_max_body_size 512k;"}, "inbox", admin.FindingFail, "413"},
		{"a signed header is taken out", []string{`proxy_set_header Forwarded "";`, `proxy_set_header Date "";`}, "signatures", admin.FindingFail, "cavage"},
		{"a header of CORS is added", []string{"client_max_body_size", "add_header Access-Control-Allow-Origin *; client_max_body_size"}, "cors", admin.FindingFail, "Allow-Origin"},
		{"one answer is kept for all", []string{
			"events {}\nhttp {", "events {}\nhttp {\nproxy_cache_path /proxy/cache keys_zone=z:1m;",
			"proxy_read_timeout 90s;", "proxy_cache z; proxy_cache_valid any 1m; proxy_ignore_headers Vary Cache-Control Expires Set-Cookie;",
		}, "documents", admin.FindingFail, "asked for text/html"},
	},
	"caddy": {
		{"Host is not handed on", caddyWith("header_up Host example.org"), "address", admin.FindingFail, "421"},
		{"the visitor is not named", caddyWith("header_up -X-Forwarded-For"), "proxy", admin.FindingFail, "127.0.0.1"},
		{"no WebSocket is handed on", caddyWith("header_up -Upgrade"), "streaming", admin.FindingWarn, "Upgrade"},
		{"a signed header is taken out", caddyWith("header_up -Content-Digest"), "signatures", admin.FindingFail, "rfc9421"},
		{"bodies may have a MB", []string{"max_size 48MB", "max_size 1MB"}, "uploads", admin.FindingFail, "MiB"}, // 413, or 502 before Caddy 2.7
		{"a header of CORS is added", []string{"reverse_proxy ", "header +Access-Control-Allow-Origin *\n\treverse_proxy "}, "cors", admin.FindingFail, "Allow-Origin"},
	},
}

// caddyWith are the changes that give reverse_proxy a line of its own. The end of the options
// that the test sets above the example is not the example's.
func caddyWith(line string) []string {
	const options = "\n}\nminga.example.org"
	return []string{"reverse_proxy 127", "reverse_proxy {\n\t\t" + line + "\n\t\tto 127", options, options, "\n}\n", "\n\t}\n}\n"}
}

// TestPackageDoctor runs the check-up through the proxies of docs/proxies.md: all is well with
// the examples as they stand there, by the command too, and each mistake is told by its check.
func TestPackageDoctor(t *testing.T) {
	root := cleanRoot(t)
	for _, one := range installedProxies {
		t.Run(one.name, func(t *testing.T) {
			c, p, set := openWard(t, root, one)
			t.Run("as it stands", func(t *testing.T) {
				p.run(t, p.example)
				p.doctorIsContent(t, set)
			})
			for _, tt := range spoiltProxies[one.name] {
				t.Run(tt.name, func(t *testing.T) {
					p.run(t, strings.NewReplacer(tt.changes...).Replace(p.example))
					got := c.one(t, tt.check)
					if got.State != tt.state || !strings.Contains(got.Fact, tt.fact) {
						t.Errorf("%s says %s: %s; want %s: %s", tt.check, got.State, got.Fact, tt.state, tt.fact)
					}
					if tt.check == "address" {
						p.doctorComplains(t, set, tt.fact)
					}
				})
			}
		})
	}
}

// openWard starts an instance for the proxy to ask. Its data lie where a program in the
// clean root finds them too; set are the settings for that one.
func openWard(t *testing.T, root string, one proxied) (*clinic, *standing, map[string]string) {
	t.Helper()
	c, inside := &clinic{t: t, names: mailtest.OpenNames(t)}, aSocket(t)
	c.names.Address("minga.example.org", "127.0.0.1")
	p := layProxy(t, root, one, "http://"+inside.Addr().String())
	set := func(folder string) map[string]string {
		return map[string]string{
			"MINGA_HOST": net.JoinHostPort("minga.example.org", p.port), "MINGA_LISTEN": inside.Addr().String(), "MINGA_ADMIN_LISTEN": "",
			"MINGA_DATA_DIR": filepath.Join(folder, "data"), "MINGA_TLS_CA_FILE": filepath.Join(folder, "cert.pem"),
			"MINGA_ALLOW_NETS": "127.0.0.0/8", "MINGA_TRUSTED_PROXIES": "127.0.0.1/32,::1/128", "MINGA_RATE_LIMIT": "off",
		}
	}
	c.start(set(p.dir), inside)
	hosts := filepath.Join(root, "etc", "hosts")
	if err := os.WriteFile(hosts, []byte("127.0.0.1 localhost minga.example.org\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	built := os.Getenv("MINGA_TEST_PROGRAM")
	if built == "" {
		built = program(t)
	}
	text, err := os.ReadFile(built)
	if err == nil {
		err = os.WriteFile(filepath.Join(p.dir, "minga"), text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c, p, set("/proxy")
}

// doctor runs `minga doctor` beside the server, and says how it ended.
func (p *standing) doctor(t *testing.T, set map[string]string, flags ...string) (text []byte, code int) {
	t.Helper()
	var out, talk bytes.Buffer
	cmd := p.within(&out, append([]string{"/proxy/minga", "doctor"}, flags...)...)
	cmd.Stderr = &talk
	for name, value := range set {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if talk.Len() > 0 {
		t.Errorf("minga doctor complains: %s", &talk)
	}
	return out.Bytes(), cmd.ProcessState.ExitCode()
}

// doctorIsContent: with the example, only what has nothing to do with it is amiss.
func (p *standing) doctorIsContent(t *testing.T, set map[string]string) {
	t.Helper()
	text, code := p.doctor(t, set, "--json")
	var rows []doctorRow
	if err := json.Unmarshal(text, &rows); err != nil || code != exitDone {
		t.Errorf("minga doctor ended with %d: %v: %s", code, err, text)
	}
	states := map[string]doctorRow{}
	for _, r := range rows {
		states[r.Check] = r
	}
	for _, name := range []string{"database", "damage", "address", "webfinger", "documents", "cors", "inbox", "proxy", "signatures", "uploads", "streaming"} {
		if r := states[name]; r.State != string(admin.FindingOK) || r.Do != "" {
			t.Errorf("%s says %s: %s %s", name, r.State, r.Text, r.Do)
		}
	}
	if got := states["proxy"].Fact; got != "127.0.0.1" {
		t.Errorf("before us stands %s", got)
	}
}

// doctorComplains: the command says what failed in words, with what to do, and asks nothing
// more of an address that does not answer.
func (p *standing) doctorComplains(t *testing.T, set map[string]string, fact string) {
	t.Helper()
	text, code := p.doctor(t, set)
	line := regexp.MustCompile(`(?m)^fail  address +.*` + fact + `.*\n +→ .*docs/proxies\.md`)
	if code != exitFailed || !line.Match(text) {
		t.Errorf("minga doctor ended with %d: %s", code, text)
	}
	for _, name := range []string{"streaming", "uploads", "signatures"} {
		if bytes.Contains(text, []byte("  "+name+" ")) {
			t.Errorf("of %s something is said: %s", name, text)
		}
	}
}
