// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/coop/carry"
	"minga/web/respond"
)

// addList answers POST /admin/lists: a list is read from a file or an address. What it
// says is shown before anything is decided.
func (f *Face) addList(c *gin.Context) error {
	if form := c.Request.MultipartForm; form != nil {
		defer func() { _ = form.RemoveAll() }()
	}
	t := f.Shell.Tongue(c)
	l := &coop.PeerList{Name: coop.CleanLine(c.PostForm("name"), coop.MaxPeerListName), URL: coop.CleanLine(c.PostForm("url"), 2048), Policy: coop.PeerPolicy(c.PostForm("policy"))}
	if !slices.Contains(listPolicies, l.Policy) {
		l.Policy = coop.PolicyBlock
	}
	data, problem := listFile(c)
	var problems []respond.Problem
	wrong := func(field, key string) { problems = append(problems, respond.Problem{Field: field, Text: t.T(key)}) }
	switch {
	case problem != "":
		wrong("file", problem)
	case data == nil && l.URL == "":
		wrong("file", "admin_list_nothing")
	case data != nil && l.URL != "":
		wrong("url", "admin_list_both")
	}
	if l.Name == "" {
		wrong("name", "problem_required")
	}
	if len(problems) == 0 {
		err := f.Inbox.PutPeerList(c.Request.Context(), l, data, noted(c, "", "", ""))
		if err == nil {
			c.Redirect(http.StatusSeeOther, listsPath+"/"+l.ID.String())
			return nil
		}
		if problems = listProblems(t, err); problems == nil {
			return err
		}
	}
	return f.showLists(c, http.StatusUnprocessableEntity, listsView{Name: l.Name, Link: l.URL}, l.Policy, problems)
}

// listFile is the file of the form; nil: there is none. The problem is a key of a text.
func listFile(c *gin.Context) ([]byte, string) {
	header, err := c.FormFile("file")
	if err != nil || header.Size == 0 {
		return nil, ""
	}
	file, err := header.Open()
	if err != nil {
		return nil, "admin_list_unreadable"
	}
	defer file.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(io.LimitReader(file, carry.MaxPeerBytes+1))
	if err != nil {
		return nil, "admin_list_unreadable"
	}
	return data, ""
}

// listProblems are what is wrong with a list; nil: it is another error.
func listProblems(t respond.Tongue, err error) []respond.Problem {
	var invalid *coop.InvalidError
	switch {
	case errors.Is(err, coop.ErrTooLarge):
		return []respond.Problem{{Field: "file", Text: t.T("admin_list_too_large")}}
	case errors.Is(err, coop.ErrConflict):
		return []respond.Problem{{Field: "name", Text: t.T("admin_list_too_many")}}
	case errors.As(err, &invalid) && invalid.Field == "url":
		return []respond.Problem{{Field: "url", Text: t.T("admin_list_unreachable", "Error", invalid.Problem)}}
	case errors.As(err, &invalid):
		return []respond.Problem{{Field: "file", Text: t.T("admin_list_unreadable")}}
	}
	return nil
}
