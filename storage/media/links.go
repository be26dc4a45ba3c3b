// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"

	"minga/coop"
)

// Form is how a picture of another server is shown.
type Form string

// The forms.
const (
	FormAvatar Form = "avatar" // 400×400 pixels at most, kept
	FormHeader Form = "header" // 1500×500 pixels at most, kept
	FormSmall  Form = "small"  // about 640×360 pixels, kept
	FormFull   Form = "full"   // as it is, size-capped, not kept
)

// The path of files, and of pictures of other servers below it.
const (
	pathOwn    = coop.MediaPath
	pathRemote = pathOwn + "remote/"
)

// Links makes the addresses of files: of ours, and of pictures of other servers,
// which readers get from us. The latter are signed, so that nobody can make this
// server fetch what no post or profile names. The zero value knows no other server's
// pictures.
type Links struct {
	places coop.MediaPlaces
	key    []byte
}

// NewLinks makes addresses below base (https://coop.example). Key signs those of
// other servers' pictures; nil: there are none.
func NewLinks(base string, key []byte) *Links {
	return &Links{coop.MediaPlaces{Main: strings.TrimSuffix(base, "/")}, key}
}

// At shows files on a host of their own (https://media.coop.example); empty: on ours.
func (l *Links) At(own string) *Links {
	l.places.Own = strings.TrimSuffix(own, "/")
	return l
}

// Places are where files are kept and shown.
func (l *Links) Places() coop.MediaPlaces { return l.places }

// Below tells whether an address lies among the files of this instance, on whichever host.
func (l *Links) Below(address string) bool {
	return l.places.Main != "" && strings.HasPrefix(l.places.Kept(address), l.places.Main+pathOwn)
}

// own is how the address of a file of ours is kept.
func (l *Links) own(name string) string { return l.places.Main + pathOwn + name }

// Ours tells whether an address is a file of ours.
func (l *Links) Ours(address string) bool {
	name, ok := strings.CutPrefix(l.places.Kept(address), l.places.Main+pathOwn)
	return ok && l.places.Main != "" && nameShape.MatchString(name)
}

// Name is the file of ours at an address; empty for none.
func (l *Links) Name(address string) string {
	if !l.Ours(address) {
		return ""
	}
	return strings.TrimPrefix(l.places.Kept(address), l.places.Main+pathOwn)
}

// Avatar is where readers get an account's picture from; empty where it has none.
func (l *Links) Avatar(a *coop.Account) string { return l.Shown(FormAvatar, a.Icon.URL) }

// Header is the same of its header.
func (l *Links) Header(a *coop.Account) string { return l.Shown(FormHeader, a.Image.URL) }

// Preview is where readers get the small picture of an attachment from; empty where
// there is none. A picture of another server is its own preview.
func (l *Links) Preview(a coop.Attachment) string {
	switch {
	case a.PreviewURL != "":
		return l.Shown(FormSmall, a.PreviewURL)
	case IsPicture(a):
		return l.Shown(FormSmall, a.URL)
	}
	return ""
}

// Full is where readers get the whole of an attachment from: pictures by us, other
// files from where they are.
func (l *Links) Full(a coop.Attachment) string {
	if shown := l.Shown(FormFull, a.URL); shown != "" && IsPicture(a) {
		return shown
	}
	return l.places.Shown(a.URL)
}

// Remote is where an attachment lies at its own server; empty for ours.
func (l *Links) Remote(a coop.Attachment) string {
	if l.Ours(a.URL) {
		return ""
	}
	return a.URL
}

// Shown is where readers get a picture from; empty where it is not shown.
func (l *Links) Shown(form Form, address string) string {
	switch {
	case address == "":
		return ""
	case l.Ours(address):
		return l.places.Shown(l.places.Kept(address))
	case len(l.key) == 0:
		return ""
	}
	return l.places.Shown(l.places.Main + pathRemote + l.sign(form, address) + "/" + string(form) + "/" + base64.RawURLEncoding.EncodeToString([]byte(address)))
}

// sign is what makes an address of ours ours.
func (l *Links) sign(form Form, address string) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(form))
	mac.Write([]byte{0})
	mac.Write([]byte(address))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// Asked reads the parts of a signed address; false: it is none of ours.
func (l *Links) Asked(mac, form, text string) (Form, string, bool) {
	address, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(l.key) == 0 {
		return "", "", false
	}
	switch f := Form(form); f {
	case FormAvatar, FormHeader, FormSmall, FormFull:
		return f, string(address), hmac.Equal([]byte(mac), []byte(l.sign(f, string(address))))
	}
	return "", "", false
}

// Host is where a picture comes from, for counting.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// IsPicture tells whether an attachment is a picture of a type that we can show.
func IsPicture(a coop.Attachment) bool {
	mediaType, _, _ := strings.Cut(strings.ToLower(a.MediaType), ";")
	switch strings.TrimSpace(mediaType) {
	case "image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp":
		return true
	case "", "image", "image/*":
		return a.Type == "Image"
	}
	return false
}

// Kind is Mastodon's closed list of kinds: image, video, audio, or unknown. What is
// of a type that no client of ours can be sure to show is unknown.
func Kind(a coop.Attachment) string {
	if IsPicture(a) {
		return "image"
	}
	whole, sub, _ := strings.Cut(strings.ToLower(a.MediaType), "/")
	switch {
	case whole == "video", whole == "audio":
		return whole
	case whole == "image" && !strings.HasPrefix(sub, "svg"):
		return "image"
	case whole == "" && (a.Type == "Video" || a.Type == "Audio"):
		return strings.ToLower(a.Type)
	}
	return "unknown"
}
