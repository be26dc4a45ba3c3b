// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
)

// initCommand is `minga init`: the first run in a terminal.
type initCommand struct {
	Language     string `help:"Language of the federation: es, en, ca, it or pt." enum:",es,en,ca,it,pt" default:""`
	Name         string `help:"Name of the federation, as people read it."`
	Handle       string `help:"Its handle: small letters, digits and _."`
	About        string `help:"Two sentences about the federation."`
	Owner        string `help:"Name of the owner's account."`
	OwnerName    string `help:"Name of the owner, as people read it."`
	Email        string `help:"Mail address of the owner."`
	PasswordFile string `help:"File that holds the owner's password; else it is asked for." placeholder:"FILE"`
	Link         bool   `help:"Print a new one-time address of the same on the web, and ask nothing."`
}

// Run asks for what the flags do not say, and makes the instance somebody's.
func (a initCommand) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		owned, err := i.store.HasOwner(t.ctx)
		if err != nil {
			return err
		}
		if owned {
			return fmt.Errorf("this instance has an owner already; `minga account list` shows its people: %w", coop.ErrConflict)
		}
		if a.Link {
			link, err := i.outbox.NewSetup(t.ctx)
			if err != nil {
				return err
			}
			return t.printLink(link, coop.SetupLife)
		}
		setup, err := a.ask(t, i)
		if err != nil {
			return err
		}
		owner, err := i.outbox.SetUp(t.ctx, setup)
		if err != nil {
			return err
		}
		return t.print(i.row(owner), func(w io.Writer) {
			fmt.Fprintf(w, "%s is yours: sign in as %s at %s/sign-in\n", setup.Name, owner.Name, i.config.BaseURL())
		})
	})
}

// ask fills in what the flags leave open.
func (a initCommand) ask(t *terminal, i *instance) (outbox.Setup, error) {
	federation, err := i.store.FederationAccount(t.ctx)
	if err != nil {
		return outbox.Setup{}, err
	}
	s := outbox.Setup{Language: a.Language, Name: a.Name, Handle: a.Handle, About: a.About, Owner: a.Owner, OwnerName: a.OwnerName, Email: a.Email}
	lines := bufio.NewReader(t.in)
	for _, q := range []struct {
		into            *string
		question, usual string
	}{
		{&s.Language, "Language of the federation (es, en, ca, it, pt)", i.config.Language},
		{&s.Name, "Name of the federation", federation.DisplayName},
		{&s.Handle, "Its handle, before @" + i.config.AccountDomain, federation.Name},
		{&s.Owner, "Your name here (small letters, digits and _)", ""},
		{&s.OwnerName, "Your name, as people read it", s.Owner},
		{&s.Email, "Your mail address", ""},
	} {
		if *q.into != "" {
			continue
		}
		if *q.into, err = t.question(lines, q.question, q.usual); err != nil {
			return s, err
		}
	}
	if !slices.Contains(languages, s.Language) {
		return s, usage("the language is one of %s", strings.Join(languages, ", "))
	}
	if err := i.outbox.CheckSetup(&s); err != nil {
		return s, err
	}
	s.PasswordHash, err = a.password(t, s, lines)
	return s, err
}

// question asks for a line; an empty one is the usual answer.
func (t *terminal) question(lines *bufio.Reader, text, usual string) (string, error) {
	if usual != "" {
		text += " [" + usual + "]"
	}
	fmt.Fprintf(t.err, "%s: ", text)
	line, err := lines.ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "" && usual == "") {
		return "", usage("the answer to %q is missing: give it by its flag, or on a terminal", text)
	}
	if line = strings.TrimSpace(line); line == "" {
		line = usual
	}
	return line, nil
}

// password reads the owner's password from its file, the terminal without showing it,
// or the next line of what is piped in, and hashes it.
func (a initCommand) password(t *terminal, s outbox.Setup, lines *bufio.Reader) (string, error) {
	var text string
	file, terminal := t.in.(*os.File)
	switch {
	case a.PasswordFile != "":
		content, err := t.from.read(a.PasswordFile)
		if err != nil {
			return "", usage("password file: %v", err)
		}
		text = strings.TrimRight(string(content), "\r\n")
	case terminal && term.IsTerminal(int(file.Fd())):
		fmt.Fprint(t.err, "Password: ")
		content, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(t.err)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		text = string(content)
	default:
		line, err := t.question(lines, "Password", "")
		if err != nil {
			return "", err
		}
		text = line
	}
	if text == "" {
		return "", usage("an owner needs a password")
	}
	if err := checkPassword(t, text, s.Owner, s.OwnerName, s.Email); err != nil {
		return "", err
	}
	hash, err := auth.NewPasswords().Hash(t.ctx, text)
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	return hash, nil
}

// announceSetup prints the address of the first run while nobody owns the instance.
func (i *instance) announceSetup(ctx context.Context, t *terminal) {
	link, err := i.outbox.NewSetup(ctx)
	if errors.Is(err, coop.ErrConflict) {
		return
	}
	if err != nil {
		if ctx.Err() == nil { // else the program was told to end
			i.log.ErrorContext(ctx, "no link of the first run", "err", err)
		}
		return
	}
	t.talk("nobody owns this instance yet: set it up within 24 hours at\n\n    %s\n\nor by `minga init`; a restart prints a new address", link)
}
