// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// readDecision reads what a decision is made of. `title` and `text` are in the first
// language, `titles` and `texts` hold others.
func readDecision(in input.Values, language string) coop.NewDecision {
	n := coop.NewDecision{Language: language, Titles: map[string]string{}, Texts: map[string]string{}, Ends: in.Moment("ends_at")}
	for tag, text := range in.Words("titles") {
		n.Titles[tag] = coop.CleanLine(text, 1000)
	}
	for tag, text := range in.Words("texts") {
		n.Texts[tag] = text
	}
	if in.Has("title") {
		n.Titles[language] = coop.CleanLine(in.Text("title"), 1000)
	}
	if in.Has("text") {
		n.Texts[language] = in.Text("text")
	}
	return n
}

// createDecision opens a decision: POST /api/v1/minga/decisions with `title`, `text`
// (Markdown), `method`, `options` (of advice), `unit`, `quorum`, `ends_at`, `audience`
// (public or members) and `list_ballots`.
func (f *Face) createDecision(c *gin.Context) error {
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	self := auth.Account(c)
	language := in.Text("language")
	if language == "" {
		language = self.Language
	}
	if language == "" {
		language = "en"
	}
	n := readDecision(in, language)
	n.Author, n.Method, n.Unit, n.Quorum = self, coop.DecisionMethod(in.Text("method")), coop.BallotUnit(in.Text("unit")), in.Decimal("quorum")
	for _, o := range in.Texts("options") {
		n.Options = append(n.Options, coop.CleanLine(o, 1000))
	}
	n.Members, n.ListBallots = in.Text("audience") == "members", in.On("list_ballots")
	if !slices.Contains([]string{"", "public", "members"}, in.Text("audience")) {
		in.Complain("audience", coop.CodeUnknown, "is public or members")
	}
	if err := in.Err(); err != nil {
		return err
	}
	p, err := f.Outbox.NewDecision(c.Request.Context(), n)
	if err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}

// decisionNow answers a decision as it stands after an act.
func (f *Face) decisionNow(c *gin.Context, id coop.ID) error {
	p, err := f.Store.Post(c.Request.Context(), auth.Viewer(c), id)
	if err != nil {
		return err
	}
	return f.showDecision(c, p)
}

// ownDecision finds a decision that the token's account opened.
func (f *Face) ownDecision(c *gin.Context) (*coop.Post, error) {
	p, err := f.oneDecision(c)
	if err == nil && p.AuthorID != auth.Account(c).ID {
		err = fmt.Errorf("decision %s of another: %w", p.ID, coop.ErrForbidden)
	}
	return p, err
}

// amendDecision answers POST /api/v1/minga/decisions/:id/amend with `title`, `text` and
// `ends_at`: all ballots are cleared.
func (f *Face) amendDecision(c *gin.Context) error {
	p, err := f.ownDecision(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	n := readDecision(in, p.Language)
	if n.Titles[p.Language] == "" {
		n.Titles = p.Decision.TitleMap
	}
	if err := in.Err(); err != nil {
		return err
	}
	if _, err := f.Outbox.AmendDecision(c.Request.Context(), p.ID, n); err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}

// withdrawDecision answers POST /api/v1/minga/decisions/:id/withdraw.
func (f *Face) withdrawDecision(c *gin.Context) error {
	p, err := f.ownDecision(c)
	if err != nil {
		return err
	}
	if _, err := f.Outbox.WithdrawDecision(c.Request.Context(), p.ID); err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}

// publishDecision answers POST /api/v1/minga/decisions/:id/publish with `outcome`: some
// words on what came out, or none.
func (f *Face) publishDecision(c *gin.Context) error {
	p, err := f.ownDecision(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	words := in.Text("outcome")
	if err := in.Err(); err != nil {
		return err
	}
	if _, err := f.Outbox.PublishDecision(c.Request.Context(), p.ID, words); err != nil {
		return err
	}
	return f.decisionNow(c, p.ID)
}
