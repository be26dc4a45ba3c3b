// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// revoke ends a token (RFC 7009): POST /oauth/revoke. A token that is not known is as
// good as ended. Who has the token of an app may end it with the app's id alone:
// they could do worse with it.
func (f *Face) revoke(c *gin.Context) error {
	form, err := fields(c)
	if err != nil {
		return answer(c, err)
	}
	text := form.Get("token")
	if text == "" {
		return answer(c, errRequest)
	}
	app, _, err := f.client(c, form)
	if err != nil {
		return answer(c, err)
	}
	ctx := c.Request.Context()
	token, err := f.Store.TokenByHash(ctx, auth.HashOf(text))
	switch {
	case errors.Is(err, coop.ErrNotFound):
	case err != nil:
		return err
	case token.AppID != app.ID:
		return answer(c, errOthers)
	default:
		if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.RevokeToken(ctx, token.ID, f.Now()) }); err != nil {
			return err
		}
	}
	unkept(c)
	c.JSON(http.StatusOK, struct{}{})
	return nil
}
