// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// changeList answers POST /admin/lists/ID: act is apply, read (again from its address or
// a newer file), keep or take (one host), end or endback (the list goes; what it decided
// stays, or is taken back).
func (f *Face) changeList(c *gin.Context) error {
	if form := c.Request.MultipartForm; form != nil {
		defer func() { _ = form.RemoveAll() }()
	}
	l, err := f.peerList(c)
	if err != nil {
		return err
	}
	act := c.PostForm("act")
	if act == "read" {
		return f.readAgain(c, l)
	}
	done, err := f.stepList(c, l, act)
	if err != nil {
		return err
	}
	to := listsPath
	if done != "removed" {
		to += "/" + l.ID.String()
	}
	c.Redirect(http.StatusSeeOther, to+"?done="+done)
	return nil
}

// stepList does one act and says what was done, one of listDones.
func (f *Face) stepList(c *gin.Context, l *coop.PeerList, act string) (string, error) {
	ctx := c.Request.Context()
	switch act {
	case "apply":
		_, left, err := f.Inbox.ApplyPeerList(ctx, l, noted(c, "", "", ""))
		return map[bool]string{true: "applying", false: "applied"}[left], err
	case "keep", "take":
		return map[string]string{"keep": "kept", "take": "taken"}[act], f.Store.Write(ctx, func(tx *storage.Tx) error {
			return tx.KeepPeerListRow(ctx, l.ID, coop.CleanLine(c.PostForm("host"), 300), act == "keep")
		})
	case "end", "endback":
		return "removed", f.Store.Write(ctx, func(tx *storage.Tx) error {
			return also(tx.RemovePeerList(ctx, l.ID, act == "endback"), func() error {
				return tx.AddAudit(ctx, audit(noted(c, "list.remove", l.Name, strconv.FormatBool(act == "endback"))))
			})
		})
	}
	return "", &coop.InvalidError{Field: "act", Problem: "this is nothing that is done with a list"}
}

// readAgain reads a list anew.
func (f *Face) readAgain(c *gin.Context, l *coop.PeerList) error {
	ctx := c.Request.Context()
	data, _ := listFile(c)
	if data == nil && l.URL == "" {
		return f.listWrong(c, l, "admin_list_nothing")
	}
	err := f.Inbox.PutPeerList(ctx, l, data, coop.AuditEntry{})
	if problems := listProblems(f.Shell.Tongue(c), err); problems != nil {
		err = f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.FailPeerList(ctx, l.ID, problems[0].Text) })
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, listsPath+"/"+l.ID.String()+"?done=read")
	return nil
}

// listWrong keeps what is wrong with a list, to be read on its page.
func (f *Face) listWrong(c *gin.Context, l *coop.PeerList, key string) error {
	ctx, text := c.Request.Context(), f.Shell.Tongue(c).T(key)
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.FailPeerList(ctx, l.ID, text) }); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, listsPath+"/"+l.ID.String())
	return nil
}
