// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"image"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// TestOwnAccount: a profile as typed comes back as typed, shows as HTML, and reaches
// other servers.
func TestOwnAccount(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		nina, bea := a.phone(a.person("nina")), b.phone(b.person("bea"))
		bea.post(bea.of(nina.self, "/follow"), nil)
		f.drain()
		me := nina.get("/v1/accounts/verify_credentials")
		source, _ := me["source"].(row)
		if me["acct"] != "nina" || source["privacy"] != "public" || source["fields"] == nil || me["role"].(row)["permissions"] != "0" {
			t.Errorf("%v", me)
		}
		want := []any{row{"name": "Web", "value": "https://telar.example/", "verified_at": nil}, row{"name": "Oficio", "value": "panadera & más", "verified_at": nil}}
		bodies := map[string]any{
			"form": url.Values{
				"display_name": {"Nina"}, "note": {"Amasa.\n\n#pan"}, "source[privacy]": {"private"}, "source[sensitive]": {"1"}, "source[language]": {"ca"},
				"fields_attributes[0][name]": {"Web"}, "fields_attributes[0][value]": {"https://telar.example/"},
				"fields_attributes[1][name]": {"Oficio"}, "fields_attributes[1][value]": {"panadera & más"}, "fields_attributes[2][name]": {""},
			},
			"JSON": row{
				"display_name": "Nina", "note": "Amasa.\n\n#pan", "source": row{"privacy": "private", "sensitive": true, "language": "ca"},
				"fields_attributes": []row{{"name": "Web", "value": "https://telar.example/"}, {"name": "Oficio", "value": "panadera & más"}},
			},
			"JSON with numbered fields": row{
				"display_name": "Nina", "note": "Amasa.\n\n#pan", "source": row{"privacy": "private", "sensitive": "true", "language": "ca"},
				"fields_attributes": row{"0": row{"name": "Web", "value": "https://telar.example/"}, "1": row{"name": "Oficio", "value": "panadera & más"}},
			},
			"multipart": pack(t, map[string]string{
				"display_name": "Nina", "note": "Amasa.\n\n#pan", "source[privacy]": "private", "source[sensitive]": "on", "source[language]": "ca",
				"fields_attributes[0][name]": "Web", "fields_attributes[0][value]": "https://telar.example/",
				"fields_attributes[1][name]": "Oficio", "fields_attributes[1][value]": "panadera & más",
			}, nil),
		}
		for name, body := range bodies {
			nina.ask(200, "PUT", "/v1/accounts/update_credentials", row{"display_name": "x", "note": "", "fields_attributes": []row{}, "source": row{"privacy": "public", "sensitive": false, "language": ""}})
			me = nina.ask(200, "PATCH", "/v1/accounts/update_credentials", body).(row)
			source = me["source"].(row)
			if diff := cmp.Diff([]any{"Nina", "Amasa.\n\n#pan", "private", true, "ca", want}, []any{me["display_name"], source["note"], source["privacy"], source["sensitive"], source["language"], source["fields"]}); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		if html := me["fields"].([]any)[1].(row)["value"]; html != "panadera &amp; más" || !strings.Contains(me["note"].(string), "hashtag") {
			t.Errorf("shown as %v and %v", html, me["note"])
		}
		f.settle()
		there := bea.get(bea.of(nina.self, ""))
		if there["display_name"] != "Nina" || there["acct"] != "nina@"+a.config.Host || !strings.Contains(there["fields"].([]any)[0].(row)["value"].(string), "me ") {
			t.Errorf("seen from afar: %v", there)
		}
		details := func(body any, fields ...string) {
			t.Helper()
			wrong := nina.ask(422, "PATCH", "/v1/accounts/update_credentials", body).(row)["details"].(row)
			for _, field := range fields {
				if wrong[field] == nil {
					t.Errorf("complained of %v, not of %s", wrong, field)
				}
			}
		}
		var many []row
		for range coop.MaxFields + 1 {
			many = append(many, row{"name": "a", "value": "b"})
		}
		details(row{"note": strings.Repeat("x", coop.MaxBioLength+1), "fields_attributes": []row{{"value": "nameless"}}}, "note", "fields_attributes[0].name")
		details(row{"fields_attributes": many}, "fields_attributes")
		details(row{"source": row{"privacy": "followers"}}, "source.privacy")
		details(row{"source": row{"language": "no language"}, "locked": "perhaps"}, "locked")
		details(row{"avatar": "data:image/png;base64,AAAA"}, "avatar")
		if again := nina.get("/v1/accounts/verify_credentials"); again["display_name"] != "Nina" || again["source"].(row)["privacy"] != "private" {
			t.Error("what was refused left a mark")
		}
		nina.ask(200, "PATCH", "/v1/accounts/update_credentials", row{"bot": true})
		if me = nina.get("/v1/accounts/verify_credentials"); me["bot"] != true {
			t.Error("no bot")
		}
	})
}

// loafPicture is a small picture, and what only says that it is one.
func loafPicture(t *testing.T) (real, lie []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), []byte("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
}

// TestPicturesOfAProfile: an avatar is taken with the rest of the profile, and goes.
func TestPicturesOfAProfile(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		nina, bea := a.phone(a.person("nina")), b.phone(b.person("bea"))
		bea.post(bea.of(nina.self, "/follow"), nil)
		f.drain()
		picture, lie := loafPicture(t)
		none := nina.get("/v1/accounts/verify_credentials")["avatar"]
		sent := pack(t, map[string]string{"display_name": "Nina", "avatar_description": "A loaf"}, map[string][]byte{"avatar": picture, "header": picture})
		me := nina.ask(200, "PATCH", "/v1/accounts/update_credentials", sent).(row)
		if me["avatar"] == none || me["avatar"] != me["avatar_static"] || me["avatar_description"] != "A loaf" || me["header"] == none || me["display_name"] != "Nina" {
			t.Errorf("%v", me)
		}
		f.settle()
		if there := b.stored(nina.self.IRI); there.Icon.URL != me["avatar"] || there.Icon.Alt != "A loaf" || there.Image.URL == "" {
			t.Errorf("elsewhere %+v, want %v", there.Icon, me["avatar"])
		}
		wrong := nina.ask(422, "PATCH", "/v1/accounts/update_credentials", pack(t, map[string]string{"display_name": "X"}, map[string][]byte{"avatar": lie})).(row)
		if wrong["details"].(row)["avatar"] == nil || nina.get("/v1/accounts/verify_credentials")["display_name"] != "Nina" {
			t.Errorf("a lie: %v", wrong)
		}
		if got := nina.ask(200, "DELETE", "/v1/profile/avatar", nil).(row); got["avatar"] != none || got["header"] == none {
			t.Errorf("without: %v", got)
		}
		if got := nina.ask(200, "DELETE", "/v1/profile/header", nil).(row); got["header"] != got["header_static"] {
			t.Errorf("without: %v", got)
		}
	})
}
