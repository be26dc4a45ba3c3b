// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"strings"
	"testing"

	"minga/coop"
)

func TestLinks(t *testing.T) {
	l := NewLinks(base, []byte("key"))
	own := base + "/media/0123456789abcdef0123456789abcdef.jpg"
	far := "https://far.example/a b.jpg?x=1"
	for _, tt := range []struct {
		name          string
		a             coop.Attachment
		full, preview string // "signed", or an address
		remote, kind  string
	}{
		{"a picture of ours", coop.Attachment{URL: own, MediaType: "image/jpeg", PreviewURL: own}, own, own, "", "image"},
		{"a picture of another server", coop.Attachment{Type: "Document", URL: far, MediaType: "image/jpeg"}, "signed", "signed", far, "image"},
		{"one that does not say its type", coop.Attachment{Type: "Image", URL: far}, "signed", "signed", far, "image"},
		{"one that no decoder of ours reads", coop.Attachment{Type: "Image", URL: far, MediaType: "image/avif"}, far, "", far, "image"},
		{"SVG is no picture", coop.Attachment{Type: "Image", URL: far, MediaType: "image/svg+xml"}, far, "", far, "unknown"},
		{"video stays where it is", coop.Attachment{Type: "Video", URL: far, MediaType: "video/mp4"}, far, "", far, "video"},
		{"with a still picture", coop.Attachment{Type: "Video", URL: far, MediaType: "video/mp4", PreviewURL: far}, far, "signed", far, "video"},
		{"sound", coop.Attachment{Type: "Audio", URL: far}, far, "", far, "audio"},
		{"a document", coop.Attachment{Type: "Document", URL: far, MediaType: "application/pdf"}, far, "", far, "unknown"},
		{"a page", coop.Attachment{Type: "Document", URL: far, MediaType: "text/html"}, far, "", far, "unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check := func(what, got, want string) {
				if signed := strings.HasPrefix(got, base+"/media/remote/"); want == "signed" && !signed || want != "signed" && got != want {
					t.Errorf("%s is %q, want %q", what, got, want)
				}
			}
			check("the whole", l.Full(tt.a), tt.full)
			check("the small", l.Preview(tt.a), tt.preview)
			check("the original", l.Remote(tt.a), tt.remote)
			if got := Kind(tt.a); got != tt.kind {
				t.Errorf("is of kind %s, want %s", got, tt.kind)
			}
			if got := (&Links{}).Preview(tt.a); strings.Contains(got, "remote") {
				t.Errorf("without a key there is %q", got)
			}
		})
	}
}

func TestOnlySignedAddressesAreFetched(t *testing.T) {
	l := NewLinks(base, []byte("key"))
	parts := strings.Split(strings.TrimPrefix(l.Shown(FormAvatar, "https://far.example/a.png"), base+"/media/remote/"), "/")
	mac, form, text := parts[0], parts[1], parts[2]
	if f, address, ok := l.Asked(mac, form, text); !ok || f != FormAvatar || address != "https://far.example/a.png" {
		t.Errorf("its own address reads as %s %s %v", f, address, ok)
	}
	other := strings.Split(l.Shown(FormAvatar, "https://10.0.0.1/a.png"), "/")
	for name, tt := range map[string][3]string{
		"another form":      {mac, "full", text},
		"no form":           {mac, "raw", text},
		"another address":   {mac, form, other[len(other)-1]},
		"no signature":      {"", form, text},
		"a cut signature":   {mac[:8], form, text},
		"no address":        {mac, form, ""},
		"something else":    {mac, form, "%%%"},
		"the same, longer":  {mac, form, text + "="},
		"of another server": {strings.Split(NewLinks(base, []byte("other")).Shown(FormAvatar, "https://far.example/a.png"), "/")[5], form, text},
	} {
		if _, _, ok := l.Asked(tt[0], tt[1], tt[2]); ok {
			t.Errorf("%s is fetched", name)
		}
	}
	if _, _, ok := (&Links{}).Asked(mac, form, text); ok {
		t.Error("without a key anything is fetched")
	}
}
