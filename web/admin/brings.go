// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/respond"
)

// bringsPath is what accounts that are followed here may bring to the public lists.
const bringsPath = "/admin/brings"

// bringsView is the form for one of them.
type bringsView struct {
	Path   string
	Who    person
	Done   string
	Kinds  []choice
	Topics string
	Host   string // of its server; empty: none
}

// bringer is an account that brings things here, as the page of its server lists it.
type bringer struct {
	person
	URL string // of the page of what it may bring
	Not string // what it may not, in words; empty: everything may come
}

// bringer finds the account of the path: somebody elsewhere who brings posts of others.
func (f *Face) bringerOf(c *gin.Context) (*coop.Account, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, fmt.Errorf("account %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	a, err := f.Store.Account(c.Request.Context(), id)
	if err == nil && a.Local {
		err = fmt.Errorf("account %s is here: %w", id, coop.ErrNotFound)
	}
	return a, err
}

// bringsPage answers GET /admin/brings/ID.
func (f *Face) bringsPage(c *gin.Context) error {
	a, err := f.bringerOf(c)
	if err != nil {
		return err
	}
	b, err := f.Store.Brings(c.Request.Context(), a.ID)
	if err != nil {
		return err
	}
	view := bringsView{Topics: strings.Join(b.NotTopics, "\n")}
	if c.Query("done") != "" {
		view.Done = f.Shell.Tongue(c).T("admin_saved")
	}
	return f.showBrings(c, http.StatusOK, a, b, view, nil)
}

// showBrings draws the form.
func (f *Face) showBrings(c *gin.Context, status int, a *coop.Account, b coop.Brings, view bringsView, problems []respond.Problem) error {
	t := f.Shell.Tongue(c)
	view.Path, view.Who, view.Host = bringsPath+"/"+a.ID.String(), f.person(a), a.IRI.Host()
	for _, kind := range coop.BringKinds() {
		view.Kinds = append(view.Kinds, choice{Value: kind, Name: t.T("admin_brings_" + kind), Chosen: !slices.Contains(b.NotKinds, kind)})
	}
	return f.Shell.Draw(c, status, respond.Sheet{Page: "admin-brings", Title: t.T("admin_brings_title", "Name", view.Who.Name), View: view, Problems: problems})
}

// changeBrings answers POST /admin/brings/ID: what is ticked may come, but for the topics.
func (f *Face) changeBrings(c *gin.Context) error {
	a, err := f.bringerOf(c)
	if err != nil {
		return err
	}
	var b coop.Brings
	for _, kind := range coop.BringKinds() {
		if !slices.Contains(c.PostFormArray("kind"), kind) {
			b.NotKinds = append(b.NotKinds, kind)
		}
	}
	typed := coop.Truncate(c.PostForm("topics"), 20_000)
	for _, line := range strings.FieldsFunc(typed, func(r rune) bool { return r == '\n' || r == ',' }) {
		if topic := strings.TrimPrefix(coop.CleanLine(line, 1000), "#"); topic != "" {
			b.NotTopics = append(b.NotTopics, topic)
		}
	}
	ctx := c.Request.Context()
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		return also(tx.SetBrings(ctx, a.ID, b), func() error {
			return tx.AddAudit(ctx, audit(noted(c, "peer.brings", string(a.IRI), strings.Join(slices.Concat(b.NotKinds, b.NotTopics), ", "))))
		})
	})
	var invalid coop.Invalid
	if errors.As(err, &invalid) {
		problems := []respond.Problem{{Field: "topics", Text: f.Shell.Tongue(c).T("admin_brings_topics_wrong")}}
		return f.showBrings(c, http.StatusUnprocessableEntity, a, b, bringsView{Topics: typed}, problems)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, bringsPath+"/"+a.ID.String()+"?done=saved")
	return nil
}

// bringers are the accounts of a server that federations and boards here follow.
func (f *Face) bringers(ctx context.Context, t respond.Tongue, host string) ([]bringer, error) {
	accounts, err := f.Store.BringersOf(ctx, host)
	if err != nil {
		return nil, err
	}
	list := make([]bringer, len(accounts))
	for i, a := range accounts {
		b, err := f.Store.Brings(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		list[i] = bringer{person: f.person(a), URL: bringsPath + "/" + a.ID.String()}
		if !b.All() {
			list[i].Not = bringsText(t, b)
		}
	}
	return list, nil
}

// bringsText is what may not be brought, in words.
func bringsText(t respond.Tongue, b coop.Brings) string {
	var not []string
	for _, kind := range b.NotKinds {
		not = append(not, t.T("admin_brings_"+kind))
	}
	for _, topic := range b.NotTopics {
		not = append(not, "#"+topic)
	}
	return t.T("admin_brings_not", "List", strings.Join(not, ", "))
}
