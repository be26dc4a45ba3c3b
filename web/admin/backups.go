// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/storage"
	"minga/web/respond"
)

// backupsPath is what is known of the backups.
const backupsPath = "/admin/backups"

// backupsView says how old the last good backup is, and where backups go.
type backupsView struct {
	Done  string
	Facts []fact
	Busy  bool // one is being made, or was asked for
	May   bool // one can be asked for
}

// backups answers GET /admin/backups.
func (f *Face) backups(c *gin.Context) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	b, err := f.Store.LastBackup(ctx)
	if err != nil {
		return err
	}
	set, err := f.values(ctx)
	if err != nil {
		return err
	}
	view := backupsView{Facts: backupFacts(t, b, set), Busy: !b.Asked.IsZero() || f.Now().Before(b.Busy), May: set["backup_to"] != ""}
	if c.Query("done") != "" {
		view.Done = t.T("admin_backups_asked")
	}
	return f.draw(c, "admin-backups", "admin_backups_title", view)
}

// values are the settings in force, by their key.
func (f *Face) values(ctx context.Context) (map[string]string, error) {
	values := map[string]string{}
	if f.Settings == nil {
		return values, nil
	}
	list, err := f.Settings.List(ctx)
	for _, s := range list {
		if values[s.Key] = s.Value; s.Value == "" {
			values[s.Key] = s.Default
		}
	}
	return values, err
}

// backupFacts are what is known, a line each.
func backupFacts(t respond.Tongue, b storage.Backup, set map[string]string) []fact {
	facts := []fact{{Name: t.T("admin_backups_last"), Value: t.T("admin_backups_never")}}
	if !b.At.IsZero() {
		yes := t.T("admin_backups_no")
		if b.Encrypted {
			yes = t.T("admin_backups_yes")
		}
		facts = []fact{
			{Name: t.T("admin_backups_last"), Value: t.Here(b.At) + ", " + t.Clock(b.At), Stamp: t.Stamp(b.At)},
			{Name: t.T("admin_backups_file"), Value: b.File + " (" + sizeText(b.Bytes) + ")"},
			{Name: t.T("admin_backups_encrypted"), Value: yes},
		}
	}
	verified := fact{Name: t.T("admin_backups_verified"), Value: t.T("admin_backups_never")}
	if !b.Verified.IsZero() {
		verified.Value, verified.Stamp = t.Here(b.Verified)+", "+t.Clock(b.Verified), t.Stamp(b.Verified)
	}
	facts = append(facts, verified)
	if b.Failures > 0 {
		facts = append(facts, fact{Name: t.T("admin_backups_failed"), Value: t.T("admin_backups_times", "N", t.Number(b.Failures))}, fact{Name: t.T("admin_backups_problem"), Value: b.Problem})
	}
	if set["backup_to"] == "" {
		return append(facts, fact{Name: t.T("admin_backups_to"), Value: t.T("admin_backups_nowhere")})
	}
	return append(facts, fact{Name: t.T("admin_backups_to"), Value: set["backup_to"]}, fact{Name: t.T("admin_backups_every"), Value: set["backup_every"]}, fact{Name: t.T("admin_backups_keep"), Value: set["backup_keep"]})
}

// askBackup answers POST /admin/backups: the server makes a backup within a minute.
func (f *Face) askBackup(c *gin.Context) error {
	ctx := c.Request.Context()
	err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		err := tx.ChangeBackup(ctx, func(b *storage.Backup) { b.Asked = f.Now().UTC() })
		return also(err, func() error { return tx.AddAudit(ctx, audit(noted(c, "backup.ask", "", ""))) })
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, backupsPath+"?done=asked")
	return nil
}
