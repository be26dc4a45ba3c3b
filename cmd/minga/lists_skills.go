// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"minga/coop"
	"minga/coop/skill"
	"minga/storage"
)

// skillsCommand is `minga skills`.
type skillsCommand struct {
	Import skillsImport `cmd:"" help:"Read in CSV files of ESCO: skills, groups of skills, and what is broader; in any language."`
	Find   skillsFind   `cmd:"" help:"Find skills by the beginning of their name."`
}

// skillsImport is `minga skills import`.
type skillsImport struct {
	Files    []string `arg:"" help:"skills_en.csv, skillGroups_en.csv, broaderRelationsSkillPillar_en.csv and the like." type:"path"`
	Language string   `help:"Language of the names, where the names of the files do not say it."`
}

// skillsAtOnce is how many skills are written in one transaction.
const skillsAtOnce = 500

// Run reads files of ESCO in.
func (a skillsImport) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		read := 0
		for _, name := range a.Files {
			n, err := i.importSkills(t, name, cmp.Or(a.Language, skill.LanguageOf(name)))
			if err != nil {
				return fmt.Errorf("read in %s, after %d skills: %w", name, n, err)
			}
			read += n
		}
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error {
			now, err := listStateOf(t.ctx, tx, skillsSetting)
			if err != nil {
				return err
			}
			now.Imported = i.now().UTC().Format(time.RFC3339)
			return now.keep(t.ctx, tx, skillsSetting)
		}); err != nil {
			return err
		}
		return i.listsChanged(t, "skills.import", strings.Join(a.Files, " "), read)
	})
}

// importSkills reads one file in: through before anything is changed, then again.
func (i *instance) importSkills(t *terminal, name, language string) (read int, err error) {
	file, err := openList(name)
	if err != nil {
		return 0, usage("%v", err)
	}
	defer file.Close()
	var waiting []coop.SkillEntry
	put := func() error {
		read += len(waiting)
		err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.PutSkills(t.ctx, skill.Source, waiting) })
		waiting = waiting[:0]
		return err
	}
	if err := skill.ReadESCO(file, language, func(coop.SkillEntry) error { return t.ctx.Err() }); err != nil {
		return 0, usage("%v", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	err = skill.ReadESCO(file, language, func(e coop.SkillEntry) error {
		// Rows that say what is broader than one skill stand one after another: they are one.
		if n := len(waiting); n > 0 && len(e.Labels) == 0 && waiting[n-1].URI == e.URI {
			waiting[n-1].Broader = append(waiting[n-1].Broader, e.Broader...)
			return nil
		}
		if len(waiting) >= skillsAtOnce {
			if err := put(); err != nil {
				return err
			}
		}
		waiting = append(waiting, e)
		return nil
	})
	return read, cmp.Or(err, put())
}

// skillsFind is `minga skills find`.
type skillsFind struct {
	Text     string `arg:"" help:"Beginning of a name, or of a word of it."`
	Language string `help:"Language of the names."`
}

// skillRow is a skill as it is printed.
type skillRow struct {
	URI     string `json:"uri"`
	Name    string `json:"name"`
	Matched string `json:"matched,omitempty"`
}

// Run lists skills.
func (a skillsFind) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		found, err := i.store.FindSkills(t.ctx, a.Text, cmp.Or(a.Language, i.config.Language), 20)
		if err != nil {
			return err
		}
		rows := make([]skillRow, len(found))
		for n, s := range found {
			rows[n] = skillRow(s)
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%-48s %s\n", printable(row.Name), row.URI)
			}
		})
	})
}
