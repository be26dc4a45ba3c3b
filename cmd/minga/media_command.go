// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// mediaCommand is `minga media`.
type mediaCommand struct {
	Usage mediaUsage `cmd:"" help:"Say what is kept, by origin, account and kind."`
	Prune mediaPrune `cmd:"" help:"Remove what nobody needs: old pictures of other servers, abandoned uploads, files without a record."`
}

// mediaUsage is `minga media usage`.
type mediaUsage struct{}

// mediaRow is how much is kept of one kind.
type mediaRow struct {
	Origin  string `json:"origin"` // "here", or the host it came from
	Account string `json:"account"`
	Kind    string `json:"kind"`
	Files   int64  `json:"files"`
	Bytes   int64  `json:"bytes"`
}

// Run lists what is kept, the most first.
func (mediaUsage) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		list, err := i.store.MediaUsage(t.ctx)
		if err != nil {
			return err
		}
		rows := make([]mediaRow, 0, len(list))
		for _, u := range list {
			rows = append(rows, mediaRow{u.Origin, u.Account, u.Kind, u.Files, u.Bytes})
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%-30s %-30s %-9s %7d files %10s\n", printable(row.Origin), printable(row.Account), row.Kind, row.Files, sizeText(row.Bytes))
			}
		})
	})
}

// mediaPrune is `minga media prune`.
type mediaPrune struct {
	OlderThan string `default:"30d" help:"Pictures of other servers that nobody looked at for so long go: 30d, 12h." placeholder:"D"`
	DryRun    bool   `help:"Only say what would go."`
}

// Run removes files.
func (a mediaPrune) Run(t *terminal) error {
	age, err := ageOf(a.OlderThan)
	if err != nil {
		return err
	}
	return t.with(func(i *instance) error {
		p, err := i.media.Prune(t.ctx, age, a.DryRun)
		if err != nil {
			return err
		}
		did := "removed"
		if a.DryRun {
			did = "would remove"
		} else if err := i.audit(t.ctx, "media.prune", "", fmt.Sprintf("%d uploads, %d pictures of other servers, %d orphans", p.Uploads, p.Cache, p.Orphans)); err != nil {
			return err
		}
		return t.print(p, func(w io.Writer) {
			fmt.Fprintf(w, "%s %d files of uploads that no post holds, %d pictures of other servers, %d files without a record (%s of the latter two)\n",
				did, p.Uploads, p.Cache, p.Orphans, sizeText(p.Bytes))
		})
	})
}

// ageOf reads a time such as 30d or 12h.
func ageOf(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n >= 0 && n <= 36_500 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	return 0, usage("%q is no time such as 30d or 12h", text)
}

// sizeText is a number of bytes for people.
func sizeText(n int64) string {
	for _, unit := range []string{"B", "KiB", "MiB", "GiB"} {
		if n < 10<<10 {
			return fmt.Sprintf("%d %s", n, unit)
		}
		n >>= 10
	}
	return fmt.Sprintf("%d TiB", n)
}
