// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"math"
	"time"

	"minga/coop"
	"minga/storage"
)

// why says in words what the rank of a job in a list rests on.
func (t *tongue) why(q *coop.JobQuery, p *coop.Post, found storage.JobFound, now time.Time) []string {
	var why []string
	switch {
	case q.Text.Empty():
	case found.Text > 0.5:
		why = append(why, t.T("board_why_title"))
	default:
		why = append(why, t.T("board_why_text"))
	}
	if len(found.Skills) > 0 {
		had := 0
		for _, grade := range found.Skills {
			if grade > 0 {
				had++
			}
		}
		why = append(why, t.T("board_why_skills", "Had", t.Number(had), "Asked", t.Number(len(found.Skills))))
	}
	if q.Place != "" {
		if km, known := found.Km(); known {
			why = append(why, t.T("board_why_km", "Km", t.Number(int(math.Round(km)))))
		} else if p.Job.Remote {
			why = append(why, t.T("board_why_afar"))
		}
	}
	if posted, ok := coop.ParseDate(p.Job.DatePosted); ok {
		days := int(now.UTC().Sub(posted).Hours() / 24)
		if days <= 0 {
			why = append(why, t.T("board_why_today"))
		} else {
			why = append(why, t.N("board_why_days", days))
		}
	}
	why = append(why, t.T("board_why_"+string(found.Source)))
	if p.Job.Pay != nil && p.Job.HoursTo.IsPositive() && p.Job.MembershipTrack != "" && len(p.Job.HiringSteps) > 0 {
		why = append(why, t.T("board_why_whole"))
	}
	return why
}
