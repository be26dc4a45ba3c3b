// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
)

// splitRow is a line as the form has it.
type splitRow struct {
	N, For, Hours, Amount string
	Provider, Payee       []choice
}

// splitView is the form of the split.
type splitView struct {
	formFrame
	Path, Team, As  string
	Currency, Price string
	NoMargin, Whole bool
	Rows            []splitRow
}

// splitPage answers GET /rooms/ID/split, for who runs the team.
func (f *Face) splitPage(c *gin.Context) error {
	at, err := f.runsRoom(c)
	if err != nil {
		return err
	}
	split := at.room.Split
	if split == nil {
		if split, err = f.firstSplit(c, at); err != nil {
			return err
		}
	}
	view, err := f.splitView(c, at, split)
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "room-split", view)
}

// firstSplit pays each co-op what was agreed with it.
func (f *Face) firstSplit(c *gin.Context, at *roomAt) (*coop.Split, error) {
	split := &coop.Split{Currency: "EUR"}
	if p, err := f.Store.RequestOf(c.Request.Context(), at.room.RequestID); err == nil && p.Request.Budget != nil {
		split.Currency, split.Price = p.Request.Budget.Currency, p.Request.Budget.Max
	}
	called, err := f.slotWords(c.Request.Context(), at)
	if err != nil {
		return nil, err
	}
	records, err := f.Store.Records(c.Request.Context(), at.room.ID, coop.RecordAgreement)
	for _, r := range records {
		if g := outbox.ReadAgreement(r); !g.Over {
			split.Lines = append(split.Lines, coop.SplitLine{For: called(g.Slot), Provider: g.Provider, Hours: g.Hours, Payee: g.Provider, Amount: g.Amount})
		}
	}
	return split, err
}

// splitView fills the form.
func (f *Face) splitView(c *gin.Context, at *roomAt, split *coop.Split) (*splitView, error) {
	view := &splitView{formFrame: f.formFrame(c, "room_split_title", nil), Path: at.path, Team: at.room.Account.DisplayName, As: at.me.ID.String(), Currency: split.Currency}
	if !split.Price.IsZero() {
		view.Price = split.Price.String()
	}
	if p, err := f.Store.RequestOf(c.Request.Context(), at.room.RequestID); err == nil {
		view.NoMargin, view.Whole = p.Request.Promises(coop.NoMargin), p.Request.Promises(coop.SplitPublished)
	}
	members := func(chosen coop.IRI) []choice {
		list := []choice{{"", "–", chosen == ""}}
		for _, m := range at.members {
			list = append(list, choice{string(m.IRI), f.person(m).Name, m.IRI == chosen})
		}
		return list
	}
	for n := range min(len(split.Lines)+spareRows, coop.MaxSplitLines) {
		row := splitRow{N: strconv.Itoa(n)}
		var line coop.SplitLine
		if n < len(split.Lines) {
			line = split.Lines[n]
			row.For, row.Amount = line.For, line.Amount.String()
			if line.Hours > 0 {
				row.Hours = strconv.Itoa(line.Hours)
			}
		}
		row.Provider, row.Payee = members(line.Provider), members(line.Payee)
		view.Rows = append(view.Rows, row)
	}
	return view, nil
}

// setSplit answers POST /rooms/ID/split.
func (f *Face) setSplit(c *gin.Context) error {
	at, err := f.runsRoom(c)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, at.me.ID, coop.ActRequest.In(at.me.Kind)); err != nil {
		return err
	}
	split, unread := readSplitForm(c.Request.PostForm)
	if unread == "" {
		err = f.Outbox.SetSplit(c.Request.Context(), at.room.ID, split)
	}
	if unread != "" || coop.Complaints(err) != nil {
		view, errView := f.splitView(c, at, split)
		if errView != nil {
			return errView
		}
		view.complainSplit(unread, err)
		return f.show(c, http.StatusUnprocessableEntity, "room-split", view)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, at.path+"?done=split#split")
	return nil
}

// complainSplit says what is wrong, once for each field.
func (v *splitView) complainSplit(unread string, err error) {
	if unread != "" {
		v.complain(unread, v.T("room_problem_amount"))
	}
	for _, e := range coop.Complaints(err) {
		field, key := "lines", "room_problem_line"
		switch {
		case e.Field == "currency" || e.Field == "price":
			field, key = e.Field, "room_problem_"+e.Field
		case e.Code == coop.CodeNotAllowed:
			key = "room_problem_margin"
		case e.Field == "lines" && e.Code == coop.CodeRange:
			key = "room_problem_sum"
		}
		if v.Problem(field) == "" {
			v.complain(field, v.T(key))
		}
	}
}

// readSplitForm reads the rows in which something was typed; unread names what is no
// number.
func readSplitForm(form url.Values) (split *coop.Split, unread string) {
	number := func(name, field string) decimal.Decimal {
		text := strings.ReplaceAll(strings.TrimSpace(form.Get(name)), ",", ".")
		if text == "" {
			return decimal.Zero
		}
		value, err := decimal.NewFromString(coop.Truncate(text, 20))
		if err != nil || len(text) > 20 {
			unread = field
		}
		return value
	}
	split = &coop.Split{Currency: strings.ToUpper(coop.CleanLine(form.Get("currency"), 5)), Price: number("price", "price")}
	for n := range coop.MaxSplitLines {
		prefix := "line." + strconv.Itoa(n) + "."
		line := coop.SplitLine{
			For: coop.CleanLine(form.Get(prefix+"for"), 300), Provider: coop.IRI(coop.CleanLine(form.Get(prefix+"provider"), 2048)),
			Payee: coop.IRI(coop.CleanLine(form.Get(prefix+"payee"), 2048)), Amount: number(prefix+"amount", "lines"),
		}
		hours := number(prefix+"hours", "lines")
		if line.Hours = int(hours.IntPart()); !hours.IsInteger() || hours.GreaterThan(decimal.NewFromInt(100_000)) {
			line.Hours, unread = 0, "lines"
		}
		if line.For != "" || line.Payee != "" || !line.Amount.IsZero() {
			split.Lines = append(split.Lines, line)
		}
	}
	return split, unread
}
