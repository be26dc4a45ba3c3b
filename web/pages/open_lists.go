// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/coop/openlist"
	"minga/storage"
)

// openListsView are the open lists that were read in, and the form for one more.
type openListsView struct {
	formFrame
	Lists                    []openListRow
	Source, Address, Licence string // as they were typed
	Done                     string
}

// openListRow is a list.
type openListRow struct {
	Source, URL, Licence, Entries string
	At                            moment
}

// openListsPage answers GET /admin/directory.
func (f *Face) openListsPage(c *gin.Context) error {
	if err := f.catalogue(c); err != nil {
		return err
	}
	view, err := f.openListsView(c)
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains([]string{"read", "removed"}, done) {
		view.Done = view.T("services_list_done_" + done)
	}
	return f.show(c, http.StatusOK, "open-lists", view)
}

// openListsView reads what the page shows.
func (f *Face) openListsView(c *gin.Context) (*openListsView, error) {
	view := &openListsView{formFrame: f.formFrame(c, "services_lists_title", nil)}
	lists, err := f.Store.OpenLists(c.Request.Context())
	for _, l := range lists {
		view.Lists = append(view.Lists, openListRow{l.Source, web(coop.IRI(l.Address)), l.Licence, view.N("count_coops", l.Entries), momentOf(view.tongue, l.ImportedAt)})
	}
	return view, err
}

// changeOpenList answers POST /admin/directory: a list is read in, or forgotten.
func (f *Face) changeOpenList(c *gin.Context) error {
	if form := c.Request.MultipartForm; form != nil {
		defer func() { _ = form.RemoveAll() }()
	}
	if err := f.catalogue(c); err != nil {
		return err
	}
	ctx, source := c.Request.Context(), coop.CleanLine(formLine(c, "source"), 200)
	if c.PostForm("act") == "remove" {
		if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.RemoveOpenList(ctx, source) }); err != nil {
			return err
		}
		c.Redirect(http.StatusSeeOther, openListsPath+"?done=removed")
		return nil
	}
	view, err := f.openListsView(c)
	if err != nil {
		return err
	}
	view.Source, view.Address, view.Licence = source, formLine(c, "address"), coop.CleanLine(formLine(c, "licence"), 200)
	entries, err := view.read(c)
	if err != nil {
		return err
	}
	if len(view.Problems) > 0 {
		return f.show(c, http.StatusUnprocessableEntity, "open-lists", view)
	}
	list := coop.OpenList{Source: view.Source, Address: view.Address, Licence: view.Licence}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.PutOpenList(ctx, &list, entries) }); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, openListsPath+"?done=read")
	return nil
}

// read reads the file of the form, and complains about what is wrong with the rest.
func (v *openListsView) read(c *gin.Context) ([]coop.ListedCoop, error) {
	for field, text := range map[string]string{"source": v.Source, "licence": v.Licence} {
		if text == "" {
			v.complain(field, v.T("problem_required"))
		}
	}
	if v.Address != "" && !coop.ValidIRI(coop.IRI(v.Address)) {
		v.complain("address", v.T("services_list_wrong_address"))
	}
	form := c.Request.MultipartForm
	if form == nil || len(form.File["file"]) == 0 {
		v.complain("file", v.T("problem_required"))
		return nil, nil
	}
	file, err := form.File["file"][0].Open()
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // read only
	entries, _, err := openlist.Read(file, storage.MostListed)
	var invalid *coop.InvalidError
	switch {
	case errors.Is(err, openlist.ErrFormat):
		v.complain("file", v.T("services_list_wrong_format"))
	case errors.As(err, &invalid):
		v.complain("file", v.T("services_list_wrong_large", "Most", v.Number(storage.MostListed)))
	case err != nil:
		return nil, err
	}
	return entries, nil
}
