// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/federation/signature/signaturetest"
	"minga/outbox/mail"
)

// TestReload: what may change without a restart counts once the configuration is read
// again, what may not is named, and a mistake changes nothing.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "minga.toml")
	write := func(more string) {
		text := "host = \"a.localhost:8080\"\nscheme = \"http\"\ndev = true\ndata_dir = \"" + filepath.Join(dir, "data") + "\"\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"\"\nfederation_handle = \"sur\"\nmail_from = \"minga@sur.example\"\n" + more
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	from := fakeLookups(nil, nil)
	from.read = os.ReadFile
	read := func() (*Config, error) { return loadConfig(&settingFlags{}, file, from) }
	write("job_days = 30\nsmtp_url = \"smtps://minga:geheim@mail.example\"\n")
	config, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if m := config.Mail; m == nil || m.Host != "mail.example" || m.User != "minga" || m.Password != "geheim" || m.Security != mail.TLS {
		t.Fatalf("smtp_url is read as %+v", m)
	}
	var said bytes.Buffer
	i, err := newInstance(t.Context(), config, config.newLogger(&said), time.Now, signaturetest.Keys())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.close() })
	i.reread = read
	write("job_days = 60\nlog_level = \"debug\"\ntrusted_proxies = \"127.0.0.1\"\nsmtp_url = \"smtp://other.example\"\ndefault_lang = 3\n")
	if did := i.reload(t.Context()); !strings.Contains(did.Problem, "default_language") || i.setting(t.Context(), "job_days") != "30" {
		t.Errorf("a mistake did %+v", did)
	}
	write("job_days = 60\nlog_level = \"debug\"\ntrusted_proxies = \"127.0.0.1\"\nsmtp_url = \"smtp://other.example\"\nstreams = 5\n")
	did := i.reload(t.Context())
	slices.Sort(did.Taken)
	if got := strings.Join(did.Taken, " "); got != "job_days log_level smtp_host smtp_password smtp_tls smtp_url smtp_user trusted_proxies" || len(did.Restart) != 1 || did.Restart[0] != "streams" {
		t.Errorf("did %+v", did)
	}
	host, _ := i.outbox.MailHost()
	if i.setting(t.Context(), "job_days") != "60" || host != "other.example" || !i.log.Enabled(t.Context(), slog.LevelDebug) {
		t.Errorf("days %s, mail through %s", i.setting(t.Context(), "job_days"), host)
	}
	if strings.Contains(said.String(), "geheim") {
		t.Error("the log has the password")
	}
}

// TestReloadFromTheCommandLine: the running server answers who asks; without one the
// command says so, after its patience.
func TestReloadFromTheCommandLine(t *testing.T) {
	if testing.Short() {
		t.Skip("a process takes its time: not with -short")
	}
	p := newProcess(t, "ana", "sqlite")
	p.start()
	var did reloaded
	if p.do(&did, "config", "reload"); did.Problem != "" || len(did.Taken)+len(did.Restart) != 0 {
		t.Errorf("nothing had changed, and it says %+v", did)
	}
	for _, args := range [][]string{{"config", "explain", "job_days"}, {"config", "explain", "MINGA_JOB_DAYS"}, {"config", "explain", "--json", "job_days"}} {
		if out, code := p.run(args...); code != exitDone || !strings.Contains(out, "45") {
			t.Errorf("minga %v: %d %s", args, code, out)
		}
	}
	if _, code := p.run("config", "explain", "job_day"); code != exitUsage {
		t.Errorf("an unknown setting ends with %d", code)
	}
	var found []configFound
	p.do(&found, "config", "check")
	if len(found) < 4 || slices.ContainsFunc(found, func(f configFound) bool { return f.State == "fail" }) {
		t.Errorf("config check finds %+v", found)
	}
}

// TestConfigCheck: what is wrong outside the file is named, by exit code 1 too.
func TestConfigCheck(t *testing.T) {
	code, out, talk := typedWith(t, t.TempDir(), map[string]string{"MINGA_LISTEN": "192.0.2.1:1", "MINGA_TLS_CERT_FILE": "/none.pem", "MINGA_TLS_KEY_FILE": "/none.pem"}, "--json", "config", "check")
	var found []configFound
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != exitFailed {
		t.Fatalf("ends with %d: %s %s", code, out, talk)
	}
	states := map[string]string{}
	for _, one := range found {
		states[one.Check] = one.State
	}
	if states["listen"] != "fail" || states["certificate"] != "fail" || states["database"] != "ok" || states["host"] != "warn" {
		t.Errorf("finds %v", states)
	}
}

// TestExplainHidesSecrets: whatever is secret is masked wherever settings are shown.
func TestExplainHidesSecrets(t *testing.T) {
	settings := map[string]string{"MINGA_SMTP_URL": "smtp://minga:geheim@mail.example", "MINGA_METRICS_TOKEN": "geheim", "MINGA_MAIL_FROM": "minga@sur.example"}
	for _, args := range [][]string{{"config", "show"}, {"config", "explain", "smtp_url"}, {"config", "explain", "metrics_token"}, {"--json", "config", "show"}} {
		if code, out, talk := typedWith(t, t.TempDir(), settings, args...); code != exitDone || strings.Contains(out+talk, "geheim") {
			t.Errorf("minga %v: %d %s %s", args, code, out, talk)
		}
	}
}
