// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage/media"
)

// Bounds of the form by which people apply, in bytes: files that are a little too large
// are complained about beside their field.
const (
	applyBody  = 40 << 20
	applyTexts = 128 << 10
)

// applyTime is how long sending it may take: a phone in a village sends three PDFs.
const applyTime = 5 * time.Minute

// appliedForm is the form as it came.
type appliedForm struct {
	sealedForm
	Name, Email, Message string
	Key                  string // the secret of the applicant's page; see [applyView]
}

// readApply reads the form; its files the caller drops unless a row names them.
func (f *Face) readApply(c *gin.Context) (*appliedForm, error) {
	form := &appliedForm{sealedForm: sealedForm{
		texts: applyTexts, names: []string{"name", "email", "message", "key"}, Basket: media.Basket{Most: coop.MaxApplicationFiles, Large: coop.MaxApplicationFile},
	}}
	form.set = form.take
	return form, f.readSealed(c, &form.sealedForm)
}

// take notes a field.
func (a *appliedForm) take(name, value string) {
	switch name {
	case "name":
		a.Name = coop.CleanLine(value, 2*coop.MaxApplicantName)
	case "email":
		a.Email = coop.CleanLine(value, 300)
	case "message":
		a.Message = strings.TrimSpace(coop.CleanText(value, 4*coop.MaxApplicationMessage))
	case "key":
		a.Key = coop.Truncate(value, 40)
	}
}

// files are those of the form as an application has them.
func (a *appliedForm) files() []coop.ApplicationFile {
	list := make([]coop.ApplicationFile, 0, len(a.Files))
	for _, kept := range a.Files {
		list = append(list, coop.ApplicationFile{Name: kept.Name, Title: kept.Title, Size: kept.Size})
	}
	return list
}
