// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// reportBody is a report as a client reads it.
type reportBody struct {
	ID          string
	Action      *bool `json:"action_taken"`
	Category    string
	Comment     string
	Forwarded   bool
	Statuses    []string            `json:"status_ids"`
	Rules       []string            `json:"rule_ids"`
	Target      struct{ ID string } `json:"target_account"`
	CreatedAt   string              `json:"created_at"`
	ActionTaken *string             `json:"action_taken_at"`
}

func TestReportsReachModerators(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, token := h.member("telar", "read write")
	ana, moderator := h.person("ana"), h.person("mod")
	moderator.Rank = coop.RankModerator
	rule := &coop.Rule{Texts: coop.Texts{"en": "Be kind"}}
	h.change(func(tx *storage.Tx) error {
		if err := tx.AddRule(t.Context(), rule); err != nil {
			return err
		}
		// Nobody who looks after the instance can turn reports away.
		if err := tx.Mute(t.Context(), moderator.ID, telar.ID, true, ana.CreatedAt.AddDate(100, 0, 0)); err != nil {
			return err
		}
		return tx.SaveAccount(t.Context(), moderator)
	})
	post := h.note(ana)
	// Some clients send everything in the query, with an empty body.
	x := get[reportBody](h, "POST", "/api/v1/reports?account_id="+ana.ID.String()+"&status_ids[]="+post.ID.String()+"&comment=rude&forward=true&rule_ids[]="+rule.ID.String()+"&rule_ids[]=7", token, "")
	if x.Category != "violation" || x.Comment != "rude" || x.Forwarded || len(x.Statuses) != 1 || len(x.Rules) != 1 || x.Target.ID != ana.ID.String() || x.Action == nil || *x.Action || x.ActionTaken != nil || x.CreatedAt == "" {
		t.Errorf("report: %+v", x)
	}
	y := get[reportBody](h, "POST", "/api/v1/reports", token, `{"account_id":"`+ana.ID.String()+`","category":"spam"}`)
	if y.Category != "spam" || y.Statuses == nil || y.ID == x.ID {
		t.Errorf("a second one: %+v", y)
	}
	mods := h.token(moderator, "read")
	list := get[[]notice](h, "GET", "/api/v1/notifications", mods, "")
	if len(list) != 2 || list[1].Type != "admin.report" || list[1].Account.ID != telar.ID.String() || list[1].Report == nil || list[1].Report.Comment != "rude" || list[1].Report.TargetAccount.ID != ana.ID.String() {
		t.Errorf("the moderator is told: %+v", list)
	}
	if list := get[[]notice](h, "GET", "/api/v1/notifications", h.token(ana, "read"), ""); len(list) != 0 {
		t.Errorf("who is reported is told: %+v", list)
	}
}

func TestReportsOfWhatIsHidden(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("telar", "read write")
	ana, leo := h.person("ana"), h.person("leo")
	hidden := h.note(ana, func(p *coop.Post) { p.Visibility = coop.VisibleFollowers })
	others := h.note(leo)
	absent := h.ask("POST", "/api/v1/reports", token, `{"account_id":"`+ana.ID.String()+`","status_ids":["1"]}`)
	for _, id := range []string{hidden.ID.String(), others.ID.String()} {
		w := h.ask("POST", "/api/v1/reports", token, `{"account_id":"`+ana.ID.String()+`","status_ids":["`+id+`"]}`)
		if w.Code != 404 || w.Body.String() != absent.Body.String() {
			t.Errorf("a post that is not there for them answers %d: %s", w.Code, w.Body)
		}
	}
	for body, code := range map[string]int{
		`{"account_id":"1"}`: 404,
		`{}`:                 422,
		`{"account_id":"` + ana.ID.String() + `","category":"boring"}`:                                              422,
		`{"account_id":"` + ana.ID.String() + `","comment":"` + strings.Repeat("x", coop.MaxReportComment+1) + `"}`: 422,
		`{"account_id":"` + ana.ID.String() + `","status_ids":[` + strings.TrimSuffix(manyIDs(101), ",") + `]}`:     422,
		`{"account_id":["` + ana.ID.String() + `","` + leo.ID.String() + `"]}`:                                      422,
	} {
		if w := h.ask("POST", "/api/v1/reports", token, body); w.Code != code {
			t.Errorf("%.80s answers %d, want %d: %s", body, w.Code, code, w.Body)
		}
	}
	list, err := h.store.Reports(t.Context(), storage.ReportQuery{}, coop.Page{})
	if err != nil || len(list) != 0 {
		t.Errorf("refused reports are kept: %v, %v", list, err)
	}
}

// manyIDs are n different ids as JSON.
func manyIDs(n int) string {
	s := strings.Builder{}
	for i := range n {
		s.WriteString(`"` + coop.ID(1000+i).String() + `",`)
	}
	return s.String()
}
