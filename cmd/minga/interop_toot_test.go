// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"minga/storage"
)

// tootHome is a terminal in which toot keeps what it was told.
type tootHome struct {
	t      *testing.T
	folder string
}

// command is toot with arguments, in a home of its own.
func (h tootHome) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(h.t.Context(), "toot", args...)
	cmd.Env = []string{"HOME=" + h.folder, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "NO_COLOR=1", "XDG_CONFIG_HOME=" + h.folder}
	cmd.Dir = h.folder
	return cmd
}

// run is a command that must go well; it gives what was printed.
func (h tootHome) run(args ...string) string {
	h.t.Helper()
	out, err := h.command(args...).CombinedOutput()
	if err != nil {
		h.t.Fatalf("toot %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// login signs in with the code that the page shows.
func (h tootHome) login(w *clientWorld) {
	h.t.Helper()
	cmd := h.command("login", "--disable-https", "--instance", w.home.host)
	cmd.Env = append(cmd.Env, "BROWSER=/bin/true")
	in, err := cmd.StdinPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	address := regexp.MustCompile(`https?://\S+/oauth/authorize\S*`)
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if found := address.FindString(lines.Text()); found != "" {
			if _, err := io.WriteString(in, "n\n"); err != nil { // no browser, please
				h.t.Fatal(err)
			}
			if _, err := io.WriteString(in, w.consent(h.t, found)+"\n"); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		h.t.Fatalf("toot login: %v\n%s", err, &said)
	}
}

// TestInteropToot is the day of a member at a terminal.
func TestInteropToot(t *testing.T) {
	if _, err := exec.LookPath("toot"); err != nil {
		t.Skip("toot is not installed: scripts/test interop does it")
	}
	w := newClientWorld(t, storage.SQLite)
	h := tootHome{t, t.TempDir()}
	h.login(w)
	says := func(want string, args ...string) string {
		t.Helper()
		out := h.run(args...)
		if !strings.Contains(out, want) {
			t.Errorf("toot %s does not say %q:\n%s", strings.Join(args, " "), want, out)
		}
		return out
	}
	status := regexp.MustCompile(`/(\d{15,})`)
	idOf := func(out string) string {
		t.Helper()
		found := status.FindStringSubmatch(out)
		if found == nil {
			t.Fatalf("no id in %q", out)
		}
		return found[1]
	}

	says("@ana", "whoami")
	says("minga", "instance", "--disable-https")
	says("Miller", "timeline", "--public", "--once")
	bea := "bea@" + w.away.host
	says(bea, "search", "--resolve", "@"+bea)
	h.run("follow", bea)
	var posted struct{ URI string }
	eventually(t, interopPatience, "the follow holds", func() bool { return strings.Contains(h.run("following", "ana"), bea) })
	w.bea(t, "POST", "/api/v1/statuses", map[string]string{"status": "Clay from the river #pots"}, &posted)
	eventually(t, interopPatience, "her post is at home", func() bool { return strings.Contains(h.run("timeline", "--once"), "Clay from the river") })
	says("Clay from the river", "timeline", "--tag", "pots", "--once")

	picture := filepath.Join(h.folder, "loaf.png")
	if err := os.WriteFile(picture, loaf(t), 0o600); err != nil {
		t.Fatal(err)
	}
	post := idOf(h.run("post", "Bread for @"+bea, "--media", picture, "--description", "a loaf"))
	h.run("post", "Later", "--scheduled-in", "10 minutes") // this toot knows no polls, lists, filters or edits
	reply := idOf(h.run("post", "And butter", "--reply-to", post))
	says("And butter", "thread", post)
	for _, act := range []string{"favourite", "reblog", "bookmark", "pin", "unpin", "unbookmark", "unreblog", "unfavourite"} {
		h.run(act, post)
	}
	h.run("bookmark", post)
	says("Bread for", "bookmarks")
	h.run("tags_follow", "pots")
	says("pots", "tags_followed")
	w.bea(t, "POST", "/api/v1/statuses", map[string]string{"status": "Hello @ana@" + w.home.host}, nil)
	eventually(t, interopPatience, "a mention arrives", func() bool { return strings.Contains(h.run("notifications"), "Hello") })
	says(bea, "whois", bea)
	h.run("mute", bea)
	h.run("unmute", bea)
	h.run("delete", reply)
	if out, err := h.command("thread", reply).CombinedOutput(); err == nil || !strings.Contains(string(out), "not found") {
		t.Errorf("a deleted post: %v %s", err, out)
	}
	h.run("unfollow", bea)
	h.run("logout", "ana@"+w.home.host)
}
