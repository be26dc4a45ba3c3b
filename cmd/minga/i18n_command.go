// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"

	"minga/web/pages"
)

// i18nCommand is `minga i18n`.
type i18nCommand struct {
	Check i18nCheck `cmd:"" help:"Compare the texts of the pages in all languages: missing keys, plural forms, what is filled in."`
}

// i18nCheck is `minga i18n check`.
type i18nCheck struct{}

// Run prints what is wrong, a line each, and fails if something is.
func (i18nCheck) Run(t *terminal) error {
	problems, err := pages.CheckWords()
	if err != nil {
		return err
	}
	if problems == nil {
		problems = []string{}
	}
	if err := t.print(problems, func(w io.Writer) {
		for _, line := range problems {
			fmt.Fprintln(w, line)
		}
	}); err != nil {
		return err
	}
	if len(problems) > 0 {
		return errSaid
	}
	t.talk("the texts of all languages are complete")
	return nil
}
