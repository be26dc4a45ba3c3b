// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"minga/coop"
)

// version is set by the release build, and released: the time of the commit (RFC 3339).
var version, released = "0.1.0-dev", ""

// cli is the command line.
type cli struct {
	Config string `help:"Configuration file (TOML). Default: the first of minga.toml, the XDG configuration folder, /etc/minga/minga.toml." placeholder:"FILE" type:"path"`
	JSON   bool   `help:"Print data as JSON."`
	Quiet  bool   `help:"Say nothing beside the data but what went wrong."`

	Progress string `help:"How to say how far long work is: bar, lines (one each ten seconds), json or none. Default: bar on a terminal, else lines." placeholder:"HOW" enum:"auto,bar,lines,json,none" default:"auto"`

	Settings settingFlags `embed:"" group:"Settings"`

	Serve     serveCommand        `cmd:"" help:"Run the instance."`
	Demo      demoCommand         `cmd:"" help:"Run three invented federations in one process, to look around and sign in with an app."`
	Init      initCommand         `cmd:"" help:"The first run: name the federation and make its owner."`
	Promote   promoteCommand      `cmd:"" help:"End a rehearsal for good: the instance meets other servers from now on."`
	Doctor    doctorCommand       `cmd:"" help:"Look whether this instance does well, and say what to do."`
	Version   versionCommand      `cmd:"" help:"Print the version."`
	Account   accountCommand      `cmd:"" help:"People, co-ops and services of this instance."`
	Token     tokenCommand        `cmd:"" help:"Bearer tokens for the API."`
	Peer      peerCommand         `cmd:"" help:"Other servers and federations."`
	Member    memberCommand       `cmd:"" help:"Co-ops that belong to this federation."`
	Offer     offerCommand        `cmd:"" help:"Offers for the roles of requests."`
	Directory directoryCommand    `cmd:"" help:"Open lists of co-ops, and the catalogue of what co-ops do."`
	Request   requestCommand      `cmd:"" help:"Requests that teams of co-ops answer."`
	Team      teamCommand         `cmd:"" help:"Teams that co-ops of this instance are in, and their archives."`
	Verify    verifyCommand       `cmd:"" help:"Verify the proofs of a document, or of all in the archive of a team. Needs no instance."`
	Decision  decisionCommand     `cmd:"" help:"What the members of a federation, or the people of a co-op, decide."`
	Mail      mailCommand         `cmd:"" help:"Mail that this server sends."`
	Tell      announcementCommand `cmd:"" name:"announcement" help:"What this instance tells its people."`
	Rule      ruleCommand         `cmd:"" help:"Rules of this instance."`
	Say       statementCommand    `cmd:"" name:"statement" help:"What this instance says of itself: about, privacy, terms."`
	I18n      i18nCommand         `cmd:"" name:"i18n" help:"Texts of the pages (for translators)."`
	Report    reportCommand       `cmd:"" help:"What people and other servers complain about."`
	Search    searchCommand       `cmd:"" help:"Searches of the job board that are accounts to follow."`

	Application applicationCommand `cmd:"" help:"Applications by the form, and the form itself."`
	Audit       auditCommand       `cmd:"" help:"Who did what in whose name."`
	Queue       queueCommand       `cmd:"" help:"What waits to be delivered or worked on."`
	Media       mediaCommand       `cmd:"" help:"Uploaded files and pictures of other servers."`
	Export      exportCommand      `cmd:"" help:"Write what an account has as a file that other servers take in."`
	Import      importCommand      `cmd:"" help:"Take in a file that an account brought from another server."`
	Places      placesCommand      `cmd:"" help:"The gazetteer: towns of the world, for searches near a place."`
	Skills      skillsCommand      `cmd:"" help:"The list of skills, in several languages."`
	Backup      backupCommand      `cmd:"" help:"Backups: make, verify, restore."`
	Keys        keysCommand        `cmd:"" help:"The keys of accounts, of Web Push and of what lies sealed."`
	DB          dbCommand          `cmd:"" name:"db" help:"The database."`
	Upgrade     upgradeCommand     `cmd:"" help:"What a new version changes."`
	Conf        configCommand      `cmd:"" name:"config" help:"The configuration."`
	Bench       benchCommand       `cmd:"" help:"Measure a running instance (for developers)."`
	Completion  completionCommand  `cmd:"" help:"Print what a shell needs to complete commands: bash, zsh or fish."`
	Man         manCommand         `cmd:"" help:"Print the manual page."`
	Health      healthCommand      `cmd:"" name:"healthcheck" help:"Ask the running instance whether it is ready."`
}

// terminal is what a command may read, print and wait for. stdout is data,
// stderr is talk.
type terminal struct {
	ctx  context.Context
	in   io.Reader
	out  io.Writer
	err  io.Writer
	json bool
	// quiet leaves out what is said beside the data; progress is how it is said how far long
	// work is, and cleanUp, if there is any, takes away what that left on the screen.
	quiet    bool
	progress string
	cleanUp  func()

	now    func() time.Time
	from   lookups
	config func() (*Config, error)
	// configAsked is the file that was asked for; empty: none.
	configAsked string
	// settings are the flags as they were typed.
	settings *settingFlags
	// model is the command line itself, for what is made of it.
	model *kong.Application
}

func main() {
	// The first signal asks for an orderly end, the second ends at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, systemLookups()))
}

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer, from lookups) int {
	var line cli
	left := false // --help was asked for and has been printed
	parser, err := kong.New(&line, kong.Name("minga"), kong.Writers(out, errOut), kong.Exit(func(int) { left = true }),
		kong.Description("A federated ActivityPub server for federations of cooperatives."), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return complain(errOut, err)
	}
	addExamples(parser.Model)
	parsed, err := parser.Parse(args)
	if left {
		return exitDone
	}
	if err != nil {
		return complain(errOut, usage("%v; `minga --help` lists the commands", err))
	}
	t := &terminal{ctx: ctx, in: in, out: out, err: errOut, json: line.JSON, quiet: line.Quiet, progress: line.Progress, now: time.Now, from: from, configAsked: line.Config, settings: &line.Settings, model: parser.Model}
	t.config = func() (*Config, error) { return loadConfig(&line.Settings, line.Config, from) }
	err = parsed.Run(t)
	t.clear()
	return complain(errOut, err)
}

// complain says what went wrong, what to do about it, and returns the exit code.
func complain(w io.Writer, err error) int {
	code := exitCode(err)
	if err != nil && !errors.Is(err, errSaid) {
		// What came first is said by the words before.
		fmt.Fprintf(w, "minga: %s\n", strings.TrimSuffix(oneEach(printable(err.Error())), ": "+coop.ErrConflict.Error()))
		if say := advice(err); say != "" {
			fmt.Fprintln(w, "\n"+say)
		}
	}
	return code
}

// errSaid ends a command whose output has said everything already.
var errSaid = errors.New("said")

// print writes v as JSON where that was asked for, else what text writes.
func (t *terminal) print(v any, text func(w io.Writer)) error {
	t.clear()
	if !t.json {
		text(t.out)
		return nil
	}
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// talk says something to the person, beside the data.
func (t *terminal) talk(format string, args ...any) {
	t.clear()
	if !t.quiet {
		fmt.Fprintf(t.err, format+"\n", args...)
	}
}

// clear takes away what long work left on the screen.
func (t *terminal) clear() {
	if t.cleanUp != nil {
		t.cleanUp()
	}
}

// open opens the instance as `serve` does, without its loops and doors. Every
// command works while the server runs and while it does not.
func (t *terminal) open() (*instance, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	return newInstance(t.ctx, config, t.logger(config), t.now, t.from.newRSA)
}

// logger is the log of a command: where it is to be quiet, of what somebody must act on.
func (t *terminal) logger(config *Config) *slog.Logger {
	if t.quiet {
		config.LogLevel = max(config.LogLevel, slog.LevelError)
	}
	return config.newLogger(t.err)
}

// with opens the instance, does something with it and closes it. A server that runs
// beside it hears at once that there may be work.
func (t *terminal) with(do func(i *instance) error) error {
	i, err := t.open()
	if err != nil {
		return err
	}
	err = do(i)
	if err == nil {
		err = i.store.Nudge(t.ctx)
	}
	return errors.Join(err, i.close())
}

// printable shows control characters of outside text as escapes, so that no
// server's name moves the cursor.
func printable(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r == '\n' || r == '\t' || r >= ' ' && r != 0x7f && (r < 0x80 || r > 0x9f) {
			out = append(out, r)
			continue
		}
		out = append(out, []rune(fmt.Sprintf(`\x%02x`, r))...)
	}
	return string(out)
}
