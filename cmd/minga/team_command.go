// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"minga/coop"
	"minga/storage"
)

// teamCommand is `minga team`.
type teamCommand struct {
	List   teamList   `cmd:"" help:"List the teams that co-ops of this instance are in, here and on other servers."`
	Show   teamShow   `cmd:"" help:"Show who is in a team, its plan, split and agreements."`
	Export teamExport `cmd:"" help:"Write the archive of a team: what its members wrote and agreed to, with proofs."`
}

// teamLine is a team as it is listed.
type teamLine struct {
	ID      string `json:"id"`
	Team    string `json:"team"`
	Name    string `json:"name"`
	Member  string `json:"member"`
	Local   bool   `json:"local"`
	Created string `json:"created_at"`
}

// teamList is `minga team list`.
type teamList struct {
	Of string `help:"Only those of this co-op or federation of the instance."`
}

// Run lists teams by their members here.
func (l teamList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		members, err := i.teamMembers(t.ctx, l.Of)
		if err != nil {
			return err
		}
		rows := []teamLine{}
		for _, m := range members {
			teams, err := i.store.TeamsOf(t.ctx, m.ID, coop.Page{Limit: 80})
			if err != nil {
				return err
			}
			for _, r := range teams {
				rows = append(rows, teamLine{r.ID.String(), string(r.Account.IRI), r.Account.DisplayName, m.Name, r.Account.Local, stamp(r.CreatedAt)})
			}
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%s  %-16s %-40s %s\n", row.ID, row.Member, printable(row.Name), printable(row.Team))
			}
		})
	})
}

// teamMembers are the co-ops and federations of this instance, or the one of that name.
func (i *instance) teamMembers(ctx context.Context, name string) ([]*coop.Account, error) {
	if name != "" {
		a, err := i.store.AccountByHandle(ctx, name, "")
		return []*coop.Account{a}, err
	}
	var all []*coop.Account
	for _, kind := range []coop.AccountKind{coop.Federation, coop.Coop} {
		page := coop.Page{Limit: 80}
		for {
			list, err := i.store.LocalAccounts(ctx, kind, page)
			if err != nil {
				return nil, err
			}
			if len(list) == 0 {
				break
			}
			all = append(all, list...)
			page.Max = list[len(list)-1].ID
		}
	}
	return all, nil
}

// teamShow is `minga team show`.
type teamShow struct {
	ID string `arg:"" help:"Number of the team, as minga team list shows it."`
}

// teamDetail is a team as it is shown.
type teamDetail struct {
	teamLine
	Members    []string    `json:"members"`
	Plan       *coop.Plan  `json:"plan,omitempty"`
	Split      *coop.Split `json:"split,omitempty"`
	Agreements int         `json:"agreements"`
	Files      int         `json:"files"`
}

// Run shows one team.
func (s teamShow) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		r, err := i.teamByID(t.ctx, s.ID)
		if err != nil {
			return err
		}
		d := teamDetail{teamLine: teamLine{ID: r.ID.String(), Team: string(r.Account.IRI), Name: r.Account.DisplayName, Local: r.Account.Local, Created: stamp(r.CreatedAt)}, Plan: r.Plan, Split: r.Split}
		q := storage.MembershipQuery{Organization: r.ID, Verified: true}
		members, err := i.store.Memberships(t.ctx, q, coop.Page{Limit: 80})
		if err != nil {
			return err
		}
		for _, m := range members {
			d.Members = append(d.Members, string(m.Member.IRI))
		}
		for kind, n := range map[coop.RecordKind]*int{coop.RecordAgreement: &d.Agreements, coop.RecordFile: &d.Files} {
			list, err := i.store.Records(t.ctx, r.ID, kind)
			if err != nil {
				return err
			}
			*n = len(list)
		}
		return t.print(d, func(w io.Writer) {
			fmt.Fprintf(w, "%s\n%s\n", printable(d.Name), printable(d.Team))
			for _, m := range d.Members {
				fmt.Fprintf(w, "  member %s\n", printable(m))
			}
			fmt.Fprintf(w, "%d agreements, %d files\n", d.Agreements, d.Files)
		})
	})
}

// teamByID finds a team by its number.
func (i *instance) teamByID(ctx context.Context, text string) (*coop.Room, error) {
	id, err := coop.ParseID(text)
	if err != nil {
		return nil, fmt.Errorf("team %.40q: %w", text, coop.ErrNotFound)
	}
	return i.store.Team(ctx, id)
}

// teamExport is `minga team export`.
type teamExport struct {
	ID  string `arg:"" help:"Number of the team, as minga team list shows it."`
	Out string `required:"" type:"path" help:"The file to write, such as team.zip; it must not be there yet."`
}

// Run writes the archive.
func (e teamExport) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		r, err := i.teamByID(t.ctx, e.ID)
		if err != nil {
			return err
		}
		file, err := os.OpenFile(e.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		err = i.outbox.ExportTeam(t.ctx, file, r.ID, i.media.OpenSealed)
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
		return t.print(map[string]string{"file": e.Out}, func(w io.Writer) { fmt.Fprintln(w, e.Out) })
	})
}
