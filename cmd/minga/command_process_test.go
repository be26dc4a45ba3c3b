// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"minga/storage"
)

// TestCommandsBesideTheServer: the command line of the contract works while the server
// runs, prints data on stdout, JSON where that is asked for, and ends with the code
// that says why.
func TestCommandsBesideTheServer(t *testing.T) {
	if testing.Short() {
		t.Skip("processes take their time: not with -short")
	}
	p, q := newProcess(t, "ana", storage.SQLite), newProcess(t, "berta", storage.SQLite)
	p.start()
	q.start()
	for _, tt := range []struct {
		args string
		code int
	}{
		{"version", exitDone},
		{"account create telar --kind coop", exitDone},
		{"account create telar --kind coop", exitRefused},
		{"account create maria --email maria@ana.example", exitDone},
		{"account create juana", exitUsage},
		{"account create hilo --kind club", exitUsage},
		{"account create in.box/x --kind coop", exitUsage},
		{"account list", exitDone},
		{"account show telar", exitDone},
		{"account show nadie", exitNotFound},
		{"account role maria admin", exitDone},
		{"account role telar admin", exitUsage},
		{"account suspend maria", exitDone},
		{"account suspend maria --undo", exitDone},
		{"account delete maria", exitRefused}, // nobody says yes
		{"account keep maria", exitRefused},   // it does not wait
		{"account delete maria --grace --yes", exitDone},
		{"account delete maria --grace --yes", exitRefused},
		{"account keep maria", exitDone},
		{"account delete maria --yes", exitDone},
		{"account show maria", exitNotFound},
		{"token create --account nadie", exitNotFound},
		{"token create --account telar --scopes fly", exitUsage},
		{"token create --account telar --scopes read,write", exitDone},
		{"token list --account telar", exitDone},
		{"peer list", exitDone},
		{"peer follow " + q.federation(), exitDone},
		{"peer follow nobody@" + q.host, exitNotFound},
		{"peer follow not-a-handle", exitUsage},
		{"peer accept " + q.federation(), exitNotFound}, // it never asked
		{"peer show nowhere.example", exitNotFound},
		{"peer block nowhere.example --reason spam", exitDone},
		{"peer show nowhere.example", exitDone},
		{"peer block " + p.host, exitUsage}, // itself
		{"peer limit nowhere.example --dry-run", exitDone},
		{"peer clear nowhere.example", exitDone},
		{"peer retry never-met.example", exitNotFound},
		{"announcement create Welcome --text es=Hola", exitDone},
		{"announcement create", exitUsage},
		{"announcement create --text en=Over --ends 2001-01-01", exitUsage},
		{"announcement create --text en=When --ends tomorrow", exitUsage},
		{"announcement create --text !=x", exitUsage},
		{"announcement list", exitDone},
		{"announcement remove 1", exitNotFound},
		{"rule add Kind --text ca=Amables --hint en=Always", exitDone},
		{"rule add", exitUsage},
		{"rule list", exitDone},
		{"rule remove 1", exitNotFound},
		{"report list --all", exitDone},
		{"search list", exitDone},
		{"search remove jobs-nothing", exitNotFound},
		{"report close 1", exitNotFound},
		{"keys show", exitDone},
		{"keys rotate", exitUsage},
		{"keys rotate --account telar --all", exitUsage},
		{"keys rotate --resume", exitNotFound},
		{"keys rotate --all --secrets --dry-run", exitDone},
		{"keys rotate --account nadie", exitNotFound},
		{"keys rotate --account telar", exitDone},
		{"keys rotate --secrets", exitDone},
		{"keys rotate --compromise", exitRefused}, // nobody says yes
		{"queue status", exitDone},
		{"queue status --post https://nowhere.example/1", exitNotFound},
		{"queue retry", exitDone},
		{"db check", exitDone},
		{"db migrate", exitDone},
		{"config show", exitDone},
		{"config check", exitDone},
		{"healthcheck", exitDone},
		{"fly", exitUsage},
	} {
		args := strings.Fields(tt.args)
		out, code := p.run(append([]string{"--json"}, args...)...)
		if code != tt.code {
			t.Errorf("minga %s ended with %d, want %d: %s", tt.args, code, tt.code, out)
		}
		for line := range strings.Lines(out) {
			if !json.Valid([]byte(line)) {
				t.Errorf("minga --json %s printed %q", tt.args, line)
			}
		}
		if code != exitDone && out != "" {
			t.Errorf("minga %s failed and printed data: %q", tt.args, out)
		}
	}
	for _, args := range [][]string{{"--help"}, {"account", "create", "--help"}, {"peer", "follow", "--help"}} {
		if out, code := p.run(args...); code != exitDone || !strings.Contains(out, "Usage:") {
			t.Errorf("minga %v ended with %d: %s", args, code, out)
		}
	}
	token, code := p.run("token", "create", "--account", "telar")
	if code != exitDone || strings.ContainsAny(token, " \n") || len(token) < 40 {
		t.Errorf("the token is not alone on stdout: %q", token)
	}
	if status, body, err := p.call(t.Context(), "POST", "/api/v1/minga/jobs", token, job("Baker")); err != nil || status != 200 {
		t.Errorf("the token does not work at once: %d %s %v", status, body, err)
	}
}
