// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

//go:embed assets
var assetFiles embed.FS

//go:embed styles/*.css
var styleFiles embed.FS

// assetTypes are the kinds of files that there are.
var assetTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}

// assets are the files of the pages, by the name in their address: a stable one,
// and one with the fingerprint of the content, which never changes.
type assets struct {
	files map[string]assetFile
	names map[string]string // stable name → address with fingerprint
}

// assetFile is one file in both forms.
type assetFile struct {
	mediaType string
	plain     []byte
	gzipped   []byte
	print     string
	fixed     bool // the address holds the fingerprint
}

// loadAssets reads and fingerprints the files.
func loadAssets() (*assets, error) {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	a := &assets{files: map[string]assetFile{}, names: map[string]string{}}
	for _, e := range entries {
		content, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("asset %s: %w", e.Name(), err)
		}
		a.add(e.Name(), content)
	}
	css, err := styleSheet()
	if err != nil {
		return nil, err
	}
	a.add("minga.css", css)
	return a, nil
}

// styleSheet is the one sheet of all pages: the files of styles in the order of
// their names.
func styleSheet() ([]byte, error) {
	names, err := fs.Glob(styleFiles, "styles/*.css")
	if err != nil {
		return nil, fmt.Errorf("styles: %w", err)
	}
	var sheet bytes.Buffer
	for _, name := range names {
		content, err := styleFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("style %s: %w", name, err)
		}
		sheet.Write(content)
	}
	return tight(sheet.Bytes()), nil
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
	cssAround  = regexp.MustCompile(` ?([{};,]) ?`)
	cssColon   = regexp.MustCompile(`: `)
)

// tight leaves out of a sheet what only its writers need: comments, and the space around
// signs. That before a colon parts selectors and stays. No text of ours holds these signs
// with space.
func tight(css []byte) []byte {
	css = cssSpace.ReplaceAll(cssComment.ReplaceAll(css, nil), []byte(" "))
	css = cssColon.ReplaceAll(cssAround.ReplaceAll(css, []byte("$1")), []byte(":"))
	return bytes.TrimSpace(bytes.ReplaceAll(css, []byte(";}"), []byte("}")))
}

// add keeps a file under its stable name and under the one with its fingerprint.
func (a *assets) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	file := assetFile{mediaType: assetTypes[ext], plain: content, gzipped: squeeze(content, gzip.BestCompression), print: hex.EncodeToString(sum[:8])}
	a.files[name] = file
	file.fixed = true
	printed := strings.TrimSuffix(name, ext) + "-" + file.print + ext
	a.files[printed], a.names[name] = file, "/assets/"+printed
}

// address is where an asset is to be had for ever.
func (a *assets) address(name string) string { return a.names[name] }

// squeeze compresses; writing into memory cannot fail.
func squeeze(b []byte, level int) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		return nil
	}
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// asset answers a file of the pages.
func (f *Face) asset(c *gin.Context) error {
	name := strings.TrimPrefix(c.Param("file"), "/")
	file, ok := f.assets.files[name]
	if !ok {
		file, ok = f.accentSheet(name)
	}
	if !ok {
		return fmt.Errorf("asset %.100q: %w", c.Param("file"), coop.ErrNotFound)
	}
	c.Header("Cache-Control", "public, max-age=86400")
	if file.fixed {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	// Avatars are shown by clients of other sites, and jobs are put into their pages.
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	send(c, http.StatusOK, file.mediaType, file.print, file.plain, file.gzipped)
	return nil
}

// fingerprint names a content.
func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// send answers a body under its fingerprint: 304 to whoever has it already
// (RFC 9110 §13.1.2), compressed to whoever can read that. gzipped may be nil.
func send(c *gin.Context, status int, mediaType, print string, plain, gzipped []byte) {
	header := c.Writer.Header()
	header.Add("Vary", "Accept-Encoding")
	header.Set("ETag", `W/"`+print+`"`)
	header.Set("Content-Type", mediaType)
	if status == http.StatusOK && known(c.GetHeader("If-None-Match"), print) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	if takesGzip(c.GetHeader("Accept-Encoding")) && (gzipped != nil || len(plain) > 1000) {
		if gzipped == nil {
			gzipped = squeeze(plain, 5)
		}
		header.Set("Content-Encoding", "gzip")
		plain = gzipped
	}
	header.Set("Content-Length", fmt.Sprint(len(plain)))
	c.Status(status)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	_, _ = c.Writer.Write(plain) // who went away is not an error of ours
}

// known tells whether If-None-Match names a fingerprint.
func known(header, print string) bool {
	for _, tag := range strings.Split(header, ",") {
		if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == "*" || tag == `"`+print+`"` {
			return true
		}
	}
	return false
}

// takesGzip tells whether a reader said that it reads gzip.
func takesGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.Trim(strings.TrimPrefix(strings.TrimSpace(weight), "q="), "0.") != "" || weight == ""
		}
	}
	return false
}
