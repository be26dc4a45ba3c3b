// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// ByRank notes in the audit log what a person does by their rank on this server from
// here on, as what others do in the name of a co-op is noted.
func ByRank(c *gin.Context) {
	account := Account(c)
	if account == nil || account.Kind != coop.Person || safe(c.Request.Method) {
		return
	}
	ctx := storage.ActingAs(c.Request.Context(), storage.Acting{
		Person: account.ID, Who: account.Name, Act: actWord(c), Target: coop.Truncate(c.Param("id"), 100), From: c.ClientIP(),
	})
	c.Request = c.Request.WithContext(ctx)
}

// version is what paths of the API begin with, which says nothing of an act.
var version = regexp.MustCompile(`^/api/v[0-9]+/(minga/)?`)

// plainWord is a value of a path that may stand in the word of an act.
var plainWord = regexp.MustCompile(`^[a-z][a-z_-]{0,29}$`)

// actWord is the constant word for the act of a route in the audit log, made of its
// path: "statuses.create", "statuses.reblog", "jobs.fill", "lists.delete".
func actWord(c *gin.Context) string {
	var words []string
	for part := range strings.SplitSeq(version.ReplaceAllString(c.FullPath(), ""), "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			if part = ""; name == "step" && plainWord.MatchString(c.Param(name)) {
				part = c.Param(name)
			}
		}
		if part != "" {
			words = append(words, part)
		}
	}
	switch {
	case c.Request.Method == http.MethodDelete:
		words = append(words, "delete")
	case c.Request.Method == http.MethodPost && len(words) == 1:
		words = append(words, "create")
	case c.Request.Method != http.MethodPost && len(words) > 0 && !strings.HasPrefix(words[len(words)-1], "update"):
		words = append(words, "update")
	}
	return strings.Join(words, ".")
}
