// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/storage"
	"minga/web/auth"
)

// againPath is where a form waits that was sent after its session had ended.
const againPath = "/sign-in/again"

// keptCookie leads there, for this browser alone.
const keptCookie = "kept"

// keptLife is how long it waits.
const keptLife = 15 * time.Minute

// keepForm keeps a form over the sign-in, and says whether it did. What goes wrong on the
// way loses what was typed, and nothing else.
func (f *Face) keepForm(c *gin.Context, sent *auth.SentForm) bool {
	if sent == nil || f.Admit(auth.LimitSignIn, "form of "+c.ClientIP()) != nil {
		return false
	}
	text, err := json.Marshal(sent)
	if err != nil {
		return false
	}
	secret, hash := auth.NewSecret()
	ctx := c.Request.Context()
	if f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.KeepForm(ctx, hash, text, f.Now().Add(keptLife)) }) != nil {
		return false
	}
	f.setCookie(c, keptCookie, secret, int(keptLife.Seconds()))
	return true
}

// againView is the page from which a form is sent once more.
type againView struct {
	formFrame
	Action string
	Fields []keptField
}

// keptField is a field as it was typed.
type keptField struct{ Name, Value string }

// againPage answers GET /sign-in/again: what was typed is there, and one button goes on
// with it. The form of a job comes back as a form.
func (f *Face) againPage(c *gin.Context) error {
	text, err := f.Store.KeptForm(c.Request.Context(), auth.HashOf(f.cookie(c, keptCookie)))
	sent := &auth.SentForm{}
	if err != nil || json.Unmarshal(text, sent) != nil {
		c.Redirect(http.StatusSeeOther, "/")
		return nil
	}
	view := againView{formFrame: f.formFrame(c, "again_title", nil), Action: auth.OwnPath(sent.Path)}
	ofJob := sent.Path == "/jobs/new" || strings.HasPrefix(sent.Path, "/jobs/") && strings.HasSuffix(sent.Path, "/edit")
	for name, values := range sent.Values {
		for _, value := range values {
			if name == "act" && ofJob {
				value = "again"
			}
			view.Fields = append(view.Fields, keptField{name, value})
		}
	}
	slices.SortStableFunc(view.Fields, func(a, b keptField) int { return strings.Compare(a.Name, b.Name) })
	return f.show(c, http.StatusOK, "again", view)
}
