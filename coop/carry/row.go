// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"strings"

	"minga/coop"
)

// Row is one good line of a file.
type Row struct {
	// Target is whom or what the line is about: name@host, the host of a server, or the
	// address of a post.
	Target string `json:"target"`
	List   string `json:"list,omitempty"` // title of the list
	// Boosts, Bell and Languages are what is wanted of a follow.
	Boosts    bool     `json:"boosts,omitempty"`
	Bell      bool     `json:"bell,omitempty"`
	Languages []string `json:"languages,omitempty"`
	Hide      bool     `json:"hide,omitempty"` // a mute hides notifications, too
}

// Problem is a stable word for what is wrong with a line; faces have the sentence.
type Problem string

// What can be wrong with a line as it is written.
const (
	BadQuotes   Problem = "quotes"   // a quotation mark that is not closed, or in the middle of a cell
	BadAccount  Problem = "account"  // not name@host
	BadServer   Problem = "server"   // no name of a server
	BadPost     Problem = "post"     // no address of a post
	BadList     Problem = "list"     // no title, or too long
	BadTruth    Problem = "truth"    // neither true nor false
	BadLanguage Problem = "language" // no BCP 47 language, or too many
)

// maxTarget is the most bytes of what a line is about.
const maxTarget = 2048

// cells gives a line's cells by the names of the columns.
type cells map[string]string

// row reads a line; home is the host of names without one.
func (k Kind) row(c cells, home string) (r Row, wrong Problem) {
	switch k {
	case Servers:
		r.Target, wrong = server(c[colServer])
		return r, wrong
	case Bookmarks:
		r.Target, wrong = post(c[colPost])
		return r, wrong
	}
	if r.Target, wrong = account(c[colAccount], home); wrong != "" {
		return r, wrong
	}
	switch k {
	case Following:
		wrong = r.options(c)
	case Mutes:
		r.Hide, wrong = truth(c[colHide], true)
	case Lists:
		if r.List = coop.CleanLine(c[colList], coop.MaxListTitle+1); r.List == "" || len([]rune(r.List)) > coop.MaxListTitle {
			wrong = BadList
		}
	}
	return r, wrong
}

// options reads what is wanted of a follow; what is missing is as a follow begins.
func (r *Row) options(c cells) (wrong Problem) {
	if r.Boosts, wrong = truth(c[colBoosts], true); wrong != "" {
		return wrong
	}
	if r.Bell, wrong = truth(c[colBell], false); wrong != "" {
		return wrong
	}
	for _, tag := range strings.FieldsFunc(c[colLanguages], func(r rune) bool { return r == ',' || r == ' ' }) {
		clean := coop.CleanLanguage(tag)
		if clean == "" || len(r.Languages) == coop.MaxFollowLanguages {
			return BadLanguage
		}
		r.Languages = append(r.Languages, clean)
	}
	return ""
}

// account reads name@host, @name@host or acct:name@host; a bare name is at home.
func account(s, home string) (string, Problem) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "@")
	if !strings.Contains(s, "@") {
		s += "@" + home
	}
	h, err := coop.ParseHandle(s)
	if err != nil || coop.CleanLine(h.String(), maxTarget) != h.String() || strings.ContainsAny(h.String(), `,;:`) && !portOnly(h) {
		return "", BadAccount
	}
	return h.String(), ""
}

// portOnly tells whether a handle has a colon before the port alone.
func portOnly(h coop.Handle) bool {
	host, port, _ := strings.Cut(h.Host, ":")
	return !strings.ContainsAny(h.Name+host, ",;:") && port != "" && strings.Trim(port, "0123456789") == ""
}

// server reads the name of a server.
func server(s string) (string, Problem) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" || len(s) > 260 || strings.ContainsAny(s, " /@?#\\\"'<>,;*") || coop.CleanLine(s, 300) != s {
		return "", BadServer
	}
	return s, ""
}

// post reads the address of a post.
func post(s string) (string, Problem) {
	s = strings.TrimSpace(s)
	https, http := strings.HasPrefix(s, "https://"), strings.HasPrefix(s, "http://")
	if !https && !http || len(s) > maxTarget || coop.IRI(s).Host() == "" || strings.ContainsAny(s, " \"<>\\") || coop.CleanLine(s, maxTarget) != s {
		return "", BadPost
	}
	return s, ""
}

// truth reads yes or no; an empty cell is usual.
func truth(s string, usual bool) (bool, Problem) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "":
		return usual, ""
	case "true", "t", "1", "yes", "y", "on":
		return true, ""
	case "false", "f", "0", "no", "n", "off":
		return false, ""
	}
	return false, BadTruth
}

// key is what two lines share that say the same.
func (r Row) key() string { return strings.ToLower(r.List + "\x00" + r.Target) }

// cells writes a line.
func (k Kind) cells(r Row) []string {
	switch k {
	case Following:
		return []string{r.Target, word(r.Boosts), word(r.Bell), strings.Join(r.Languages, ", ")}
	case Lists:
		return []string{r.List, r.Target}
	case Mutes:
		return []string{r.Target, word(r.Hide)}
	}
	return []string{r.Target}
}

func word(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
