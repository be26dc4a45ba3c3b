// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"compress/gzip"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// accented is the sheet with the colour that was asked for last.
type accented struct {
	accent string
	file   assetFile
}

// accentSheets remembers one.
type accentSheets struct{ last atomic.Pointer[accented] }

// sheetFor is where the style sheet of this instance is: with its own colour where it has
// one. The address says all that the sheet depends on, so that it never changes.
func (f *Face) sheetFor(ctx context.Context) string {
	address := f.assets.address("minga.css")
	accent, err := f.Store.Accent(ctx)
	if err != nil || accent == "" {
		return address // a page in the colours of this program is better than none
	}
	return strings.TrimSuffix(address, ".css") + "-" + strings.TrimPrefix(accent, "#") + ".css"
}

// sheetName is the name of a sheet with a colour: the fingerprint of the plain one, and
// the colour.
var sheetName = regexp.MustCompile(`^(minga-[0-9a-f]{16})-([0-9A-F]{6})\.css$`)

// accentSheet is the sheet of a name; false where there is none such.
func (f *Face) accentSheet(name string) (assetFile, bool) {
	m := sheetName.FindStringSubmatch(name)
	if m == nil {
		return assetFile{}, false
	}
	if last := f.sheets.last.Load(); last != nil && last.accent == m[2] {
		return last.file, f.assets.files[m[1]+".css"].plain != nil
	}
	plain, ok := f.assets.files[m[1]+".css"]
	if !ok {
		return assetFile{}, false
	}
	accent, err := coop.NewAccent("#" + m[2])
	if err != nil {
		return assetFile{}, false
	}
	content := append(plain.plain[:len(plain.plain):len(plain.plain)], accentRules(accent)...)
	file := assetFile{mediaType: plain.mediaType, plain: content, gzipped: squeeze(content, gzip.BestCompression), print: plain.print + "-" + m[2], fixed: true}
	f.sheets.last.Store(&accented{m[2], file})
	return file, true
}

// accentRules put the shades of a colour over those of the sheet.
func accentRules(a coop.Accent) string {
	light := fmt.Sprintf("--clay:%s;--clay-2:%s", a.Light, a.LightStrong)
	dark := fmt.Sprintf("--clay:%s;--clay-2:%s", a.Dark, a.DarkStrong)
	return "@layer tokens{:root{" + light + "}@media (prefers-color-scheme:dark){:root:not([data-theme=light]){" + dark + "}}:root[data-theme=dark]{" + dark + "}}"
}

// federation is the account of the federation that runs this instance; nil: there is none.
func (f *Face) federation(c *gin.Context) *coop.Account {
	a, err := f.Store.FederationAccount(c.Request.Context())
	if err != nil {
		return nil
	}
	return a
}
