// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"strings"

	"minga/coop"
)

// Understood are the facts of a job that was typed, as its author is told them: place,
// hours, pay, kind, and until when.
func (c *Catalogue) Understood(lang string, j *coop.Job) []string {
	facts := strings.Join(stated(c.where(lang, j), c.hours(lang, j), c.pay(lang, j), c.engagement(lang, j), c.track(lang, j)), " · ")
	return stated(facts, strings.TrimRight(c.Deadline(lang, j), ":"))
}
