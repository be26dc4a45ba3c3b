// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// manCommand is `minga man`.
type manCommand struct{}

// Run prints the manual page minga(1), made of the command line itself.
func (manCommand) Run(t *terminal) error {
	page := manual(t.model)
	return t.print(map[string]string{"page": page}, func(w io.Writer) { fmt.Fprint(w, page) })
}

// manual is the page in the language of man(7).
func manual(model *kong.Application) string {
	m := &manPage{}
	m.line(`.TH MINGA 1 "" "minga %s" "minga"`, version)
	m.section("NAME", `minga \- a federated server for federations of cooperatives`)
	m.section("SYNOPSIS", `.B minga`+"\n"+`.RI [ flags ] " command " [ arguments ]`)
	m.section("DESCRIPTION", manEscape("minga lets federations of cooperatives publish jobs and knowledge, find each other and work together over ActivityPub. "+
		"Every command works while the server runs and while it does not; data go to the standard output, talk to the standard error. "+
		"On a machine with the package, commands run as the user of the service: sudo -u minga minga doctor."))
	m.line(".SH COMMANDS")
	for _, leaf := range model.Leaves(true) {
		m.command(leaf)
	}
	m.options(model)
	m.settings(model)
	m.line("%s", manEnd)
	return m.b.String()
}

// manPage is a page that is being written.
type manPage struct{ b strings.Builder }

// line adds a line.
func (m *manPage) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

// section adds a section with its text, which is escaped already.
func (m *manPage) section(name, text string) { m.line(".SH %s\n%s", name, text) }

// command adds a command with its own flags and arguments.
func (m *manPage) command(leaf *kong.Node) {
	m.line(".TP\n.B %s", manEscape(leaf.Summary()))
	m.line("%s", manEscape(leaf.Help))
	var facts []string
	for _, arg := range leaf.Positional {
		if arg.Help != "" {
			facts = append(facts, manFact(arg.Summary(), arg.Help))
		}
	}
	for _, flag := range leaf.Flags {
		if !flag.Hidden && flag.Help != "" && flag.Name != "help" {
			facts = append(facts, manFact(flagName(flag), flag.Help))
		}
	}
	if len(facts) > 0 {
		m.line(".RS\n%s\n.RE", strings.Join(facts, "\n"))
	}
	m.examples(examples[commandPath(leaf)])
}

// examples adds what one types.
func (m *manPage) examples(lines []string) {
	if len(lines) == 0 {
		return
	}
	m.line(".RS\n.nf")
	for _, line := range lines {
		m.line("%s", manEscape(line))
	}
	m.line(".fi\n.RE")
}

// options adds the flags of every command that are no settings.
func (m *manPage) options(model *kong.Application) {
	m.line(".SH OPTIONS")
	for _, flag := range model.Flags {
		if !flag.Hidden && !slices.Contains(settingKeys(), strings.ReplaceAll(flag.Name, "-", "_")) {
			m.line("%s", manFact(flagName(flag), flag.Help))
		}
	}
}

// settings adds what may stand on the command line, in the environment and in the file.
func (m *manPage) settings(model *kong.Application) {
	m.section("SETTINGS", manEscape("Each is a flag, a variable of the environment (MINGA_ and the name in upper case, with underscores; with _FILE appended it holds a path) "+
		"and a key of the configuration file (with underscores). The first that is set wins, in this order."))
	for _, flag := range model.Flags {
		if slices.Contains(settingKeys(), strings.ReplaceAll(flag.Name, "-", "_")) {
			m.line("%s", manFact(flagName(flag), flag.Help))
		}
	}
}

// flagName is a flag as one types it.
func flagName(flag *kong.Flag) string {
	if flag.IsBool() {
		return "--" + flag.Name
	}
	return "--" + flag.Name + "=" + flag.FormatPlaceHolder()
}

// manFact is a term and what it means.
func manFact(term, meaning string) string {
	return fmt.Sprintf(".TP\n.B %s\n%s", manEscape(term), manEscape(meaning))
}

// manEscape keeps text from being read as instructions.
func manEscape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ", "…", "...", "→", "to").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// manEnd closes the page.
const manEnd = `.SH FILES
.TP
.I /etc/minga/minga.toml
the configuration; also ./minga.toml and $XDG_CONFIG_HOME/minga/minga.toml, the first that is there
.TP
.I /var/lib/minga
database, files and secret.key, where the package was installed
.TP
.I /etc/default/minga
variables of the environment for the service
.SH EXIT STATUS
0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused, 5 partly done, 75 try again later, 130 interrupted
.SH EXAMPLES
.nf
minga serve
minga init
minga doctor
minga account create telar \-\-kind coop
minga token create \-\-account telar
minga peer list
minga queue status
.fi
.SH SEE ALSO
The documents for admins in /usr/share/doc/minga, and
.BR systemctl (1)`
