// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// phone is somebody with a client: a token of one house.
type phone struct {
	h     *house
	self  *coop.Account
	token string
	link  string // the Link header of the last answer
}

// phone gives an account of this house a token.
func (h *house) phone(a *coop.Account, scopes ...string) *phone {
	h.f.t.Helper()
	if len(scopes) == 0 {
		scopes = []string{"read", "write", "follow", "push"}
	}
	p := &phone{h: h, self: a, token: a.Name + "-" + strings.Join(scopes, "-") + "-0123456789"}
	hash := sha256.Sum256([]byte(p.token))
	h.f.must(h.store.Write(h.f.ctx, func(tx *storage.Tx) error {
		return tx.AddToken(h.f.ctx, &coop.Token{Hash: hash[:], AccountID: a.ID, App: "phone", Scopes: scopes, CreatedAt: h.now()})
	}))
	return p
}

// row is one JSON object.
type row = map[string]any

// ask sends a request and reads the answer, which must have that status. Body is a
// form, or JSON for anything but url.Values and *parcel.
func (p *phone) ask(status int, method, path string, body any) any {
	p.h.f.t.Helper()
	var reader io.Reader = http.NoBody
	kind := ""
	switch b := body.(type) {
	case nil:
	case url.Values:
		reader, kind = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	case *parcel:
		reader, kind = &b.bytes, b.kind
	default:
		text, err := json.Marshal(b)
		p.h.f.must(err)
		reader, kind = bytes.NewReader(text), "application/json"
	}
	r, err := http.NewRequestWithContext(p.h.f.ctx, method, p.h.config.BaseURL()+"/api"+path, reader)
	p.h.f.must(err)
	r.Header.Set("Content-Type", kind)
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	answer := httptest.NewRecorder()
	p.h.handler.ServeHTTP(answer, r)
	var out any
	if answer.Code != status || json.Unmarshal(answer.Body.Bytes(), &out) != nil {
		p.h.f.t.Fatalf("%s %s: %d, want %d: %s", method, path, answer.Code, status, answer.Body)
	}
	p.link = answer.Header().Get("Link")
	return out
}

// get asks for an object, and list for several.
func (p *phone) get(path string) row {
	p.h.f.t.Helper()
	return p.ask(200, "GET", path, nil).(row)
}

func (p *phone) list(path string) []any {
	p.h.f.t.Helper()
	return p.ask(200, "GET", path, nil).([]any)
}

// post acts and reads the object that is answered.
func (p *phone) post(path string, body any) row {
	p.h.f.t.Helper()
	return p.ask(200, "POST", path, body).(row)
}

// names are the handles in a list of accounts.
func handles(list []any) []string {
	out := []string{}
	for _, one := range list {
		out = append(out, one.(row)["acct"].(string))
	}
	return out
}

// of is the path of an account, as this house knows it.
func (p *phone) of(a *coop.Account, rest string) string {
	p.h.f.t.Helper()
	return "/v1/accounts/" + p.h.knows(a).ID.String() + rest
}

// relation is what stands between the phone's owner and another, in a few words.
func (p *phone) relation(a *coop.Account) string {
	p.h.f.t.Helper()
	list := p.list("/v1/accounts/relationships?id[]=" + p.h.knows(a).ID.String())
	if len(list) != 1 {
		p.h.f.t.Fatalf("%d relationships", len(list))
	}
	return said(list[0].(row))
}

// said are the members of a relationship that are true.
func said(r row) string {
	var words []string
	for _, name := range []string{
		"following", "requested", "showing_reblogs", "notifying", "followed_by", "requested_by",
		"blocking", "blocked_by", "muting", "muting_notifications", "domain_blocking", "endorsed",
	} {
		if is, ok := r[name].(bool); !ok {
			words = append(words, "no "+name+"!")
		} else if is {
			words = append(words, name)
		}
	}
	return strings.Join(words, " ")
}

// parcel is a multipart body.
type parcel struct {
	bytes bytes.Buffer
	kind  string
}

// pack makes a parcel of fields; a file is a pair of a name and its bytes.
func pack(t *testing.T, fields map[string]string, files map[string][]byte) *parcel {
	t.Helper()
	p := &parcel{}
	w := multipart.NewWriter(&p.bytes)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		part, err := w.CreateFormFile(name, name+".png")
		if err == nil {
			_, err = part.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p.kind = w.FormDataContentType()
	return p
}

// TestFollowAcrossServers: a person follows two of another server, one of whom wants
// to be asked; and back, with options, an end and a request that is taken back.
func TestFollowAcrossServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		ana, bea, carla := a.phone(a.person("nina")), b.phone(b.person("bea")), b.phone(b.person("carla"))
		carla.ask(200, "PATCH", "/v1/accounts/update_credentials", url.Values{"locked": {"true"}})
		f.drain()

		if got := said(ana.post(ana.of(bea.self, "/follow?reblogs=false&notify=1"), nil)); got != "requested notifying" {
			t.Errorf("at once: %s", got)
		}
		ana.post(ana.of(carla.self, "/follow"), row{"languages": []string{"es", "ca"}})
		f.drain()
		if got := ana.relation(bea.self); got != "following notifying" {
			t.Errorf("unlocked: %s", got)
		}
		if got := ana.relation(carla.self); got != "requested showing_reblogs" {
			t.Errorf("locked: %s", got)
		}
		if got := carla.relation(ana.self); got != "requested_by" {
			t.Errorf("whom she asked sees %s", got)
		}
		if n := carla.get("/v1/accounts/verify_credentials")["source"].(row)["follow_requests_count"]; n != 1.0 {
			t.Errorf("%v requests wait", n)
		}
		if got := handles(carla.list("/v1/follow_requests")); len(got) != 1 || got[0] != "nina@"+a.config.Host || carla.link == "" {
			t.Errorf("requests of %v, %s", got, carla.link)
		}
		request := "/v1/follow_requests/" + b.knows(ana.self).ID.String()
		if got := said(carla.post(request+"/authorize", nil)); got != "followed_by" {
			t.Errorf("authorized: %s", got)
		}
		f.drain()
		if got := ana.relation(carla.self); got != "following showing_reblogs" {
			t.Errorf("accepted: %s", got)
		}
		if got := handles(bea.list(bea.of(bea.self, "/followers"))); len(got) != 1 {
			t.Errorf("followers of her own: %v", got)
		}

		ana.post(ana.of(carla.self, "/unfollow"), nil)
		f.drain()
		if got := carla.relation(ana.self); got != "" {
			t.Errorf("after the end: %s", got)
		}
		ana.post(ana.of(carla.self, "/follow"), nil)
		f.drain()
		if got := said(ana.post(ana.of(carla.self, "/unfollow"), nil)); got != "" {
			t.Errorf("a request taken back: %s", got)
		}
		f.drain()
		carla.ask(404, "POST", request+"/reject", nil)
		ana.post(ana.of(carla.self, "/follow"), nil)
		f.drain()
		carla.post(request+"/reject", nil)
		f.drain()
		if got := ana.relation(carla.self); got != "" {
			t.Errorf("refused: %s", got)
		}
	})
}

// TestBellAcrossServers: who wants a notification at each post gets it, who only
// follows does not.
func TestBellAcrossServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		nina, olga, bea := a.phone(a.person("nina")), a.phone(a.person("olga")), b.phone(b.person("bea"))
		nina.post(nina.of(bea.self, "/follow"), row{"notify": true})
		olga.post(olga.of(bea.self, "/follow"), nil)
		f.drain()
		bea.post("/v1/statuses", row{"status": "The oven is hot"})
		f.settle()
		told := func(p *phone) (kinds []string) {
			for _, one := range p.list("/v1/notifications") {
				kinds = append(kinds, one.(row)["type"].(string))
			}
			return kinds
		}
		if got := strings.Join(told(nina), " "); got != "status" {
			t.Errorf("she with the bell was told %q", got)
		}
		if got := told(olga); len(got) != 0 {
			t.Errorf("she without was told %v", got)
		}
		nina.post(nina.of(bea.self, "/follow"), row{"notify": false})
		f.pass(time.Hour)
		bea.post("/v1/statuses", row{"status": "The bread is out"})
		f.settle()
		if got := told(nina); len(got) != 1 {
			t.Errorf("without the bell she was told %v", got)
		}
	})
}

// TestBlocksAndMutesAcrossServers: a block ends follows on both servers, a mute is
// nobody else's affair, and whole servers can be left.
func TestBlocksAndMutesAcrossServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		nina, bea := a.phone(a.person("nina")), b.phone(b.person("bea"))
		friends := func() {
			nina.post(nina.of(bea.self, "/follow"), nil)
			bea.post(bea.of(nina.self, "/follow"), nil)
			f.drain()
			if got := nina.relation(bea.self); got != "following showing_reblogs followed_by" {
				t.Fatalf("no friends: %s", got)
			}
		}
		friends()
		if got := said(nina.post(nina.of(bea.self, "/mute"), url.Values{"duration": {"3600"}, "notifications": {"false"}})); got != "following showing_reblogs followed_by muting" {
			t.Errorf("muted: %s", got)
		}
		f.drain()
		if got := bea.relation(nina.self); strings.Contains(got, "mut") || strings.Contains(got, "block") {
			t.Errorf("she learned of a mute: %s", got)
		}
		muted := nina.list("/v1/mutes")
		if len(muted) != 1 || muted[0].(row)["mute_expires_at"] != nina.h.now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z") {
			t.Errorf("muted %v", muted)
		}
		f.pass(time.Hour)
		if got := nina.list("/v1/mutes"); len(got) != 0 || strings.Contains(nina.relation(bea.self), "muting") {
			t.Errorf("an hour later: %v", got)
		}

		if got := said(nina.post(nina.of(bea.self, "/block"), nil)); got != "blocking" {
			t.Errorf("blocked: %s", got)
		}
		f.drain()
		if got := bea.relation(nina.self); got != "blocked_by" {
			t.Errorf("who is blocked sees %s", got)
		}
		if got := handles(nina.list("/v1/blocks")); len(got) != 1 || nina.link == "" {
			t.Errorf("blocks %v, %s", got, nina.link)
		}
		bea.ask(403, "POST", bea.of(nina.self, "/follow"), nil)
		if got := said(nina.post(nina.of(bea.self, "/unblock"), nil)); got != "" {
			t.Errorf("unblocked: %s", got)
		}
		f.drain()
		friends()

		domain := url.Values{"domain": {b.config.Host}}
		if got := nina.get("/v1/domain_blocks/preview?" + domain.Encode()); got["following_count"] != 1.0 || got["followers_count"] != 1.0 {
			t.Errorf("a block would end %v", got)
		}
		nina.post("/v1/domain_blocks", domain)
		f.drain()
		if got, back := nina.relation(bea.self), bea.relation(nina.self); got != "domain_blocking" || back != "" {
			t.Errorf("left: %s; from there: %s", got, back)
		}
		if got := nina.list("/v1/domain_blocks"); len(got) != 1 || got[0] != b.config.Host {
			t.Errorf("left %v", got)
		}
		nina.ask(200, "DELETE", "/v1/domain_blocks?"+domain.Encode(), nil)
		if got := nina.list("/v1/domain_blocks"); len(got) != 0 {
			t.Errorf("came back, and yet %v", got)
		}
		nina.ask(422, "POST", "/v1/domain_blocks", url.Values{"domain": {a.config.Host}})
		nina.post(nina.of(bea.self, "/follow"), nil)
		bea.post(bea.of(nina.self, "/follow"), nil)
		f.drain()
		if got := said(nina.post(nina.of(bea.self, "/remove_from_followers"), nil)); got != "following showing_reblogs" {
			t.Errorf("removed: %s", got)
		}
		f.drain()
		if got := bea.relation(nina.self); got != "followed_by" {
			t.Errorf("she was removed: %s", got)
		}
	})
}

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

// TestListsOfPeople: lists hold whom one follows, and are one's own.
func TestListsOfPeople(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a := f.house("ana")
		nina, olga, pia := a.phone(a.person("nina")), a.phone(a.person("olga")), a.phone(a.person("pia"))
		nina.post(nina.of(olga.self, "/follow"), nil)
		made := nina.post("/v1/lists", url.Values{"title": {"Pan"}})
		if diff := cmp.Diff(row{"id": made["id"], "title": "Pan", "replies_policy": "list", "exclusive": false}, made); diff != "" {
			t.Error(diff)
		}
		path := "/v1/lists/" + made["id"].(string)
		if got := nina.ask(200, "PUT", path, row{"replies_policy": "none", "exclusive": "true"}).(row); got["title"] != "Pan" || got["replies_policy"] != "none" || got["exclusive"] != true {
			t.Errorf("changed to %v", got)
		}
		nina.ask(422, "PATCH", path, row{"title": " "})
		nina.ask(422, "POST", "/v1/lists", row{"title": "x", "replies_policy": "all"})
		nina.post(path+"/accounts", url.Values{"account_ids[]": {olga.self.ID.String()}})
		nina.ask(422, "POST", path+"/accounts", row{"account_ids": []string{olga.self.ID.String()}})
		nina.ask(404, "POST", path+"/accounts", row{"account_ids": []string{pia.self.ID.String()}})
		nina.ask(404, "POST", path+"/accounts", row{"account_ids": []string{"x"}})
		for _, query := range []string{"", "?limit=0"} {
			if got := handles(nina.list(path + "/accounts" + query)); len(got) != 1 || got[0] != "olga" {
				t.Errorf("%q holds %v", query, got)
			}
		}
		if got := nina.list(nina.of(olga.self, "/lists")); len(got) != 1 {
			t.Errorf("she is in %v", got)
		}
		for method, at := range map[string]string{"GET": path, "PUT": path, "DELETE": path, "POST": path + "/accounts"} {
			pia.ask(404, method, at, nil)
		}
		pia.ask(404, "GET", path+"/accounts", nil)
		if got := pia.list("/v1/lists"); len(got) != 0 {
			t.Errorf("another has %v", got)
		}
		nina.ask(200, "DELETE", path+"/accounts", row{"account_ids": []string{olga.self.ID.String()}})
		if got := nina.list(path + "/accounts"); len(got) != 0 {
			t.Errorf("still holds %v", got)
		}
		nina.ask(200, "DELETE", path, nil)
		nina.ask(404, "GET", path, nil)
	})
}

// TestPeopleOfOneServer: who is shown to whom.
func TestPeopleOfOneServer(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a := f.house("ana")
		nina, olga, pia := a.phone(a.person("nina")), a.phone(a.person("olga")), a.phone(a.person("pia"))
		telar := a.coop("telar")
		f.admit(telar, a, a)
		stranger := &phone{h: a}
		nina.post(nina.of(olga.self, "/follow"), nil)
		pia.post(pia.of(nina.self, "/follow"), nil)
		if got := nina.post(nina.of(olga.self, "/note"), row{"comment": "the baker"}); got["note"] != "the baker" {
			t.Errorf("noted %v", got["note"])
		}
		nina.ask(422, "POST", nina.of(olga.self, "/note"), row{"comment": strings.Repeat("x", 2001)})
		if got := olga.list("/v1/accounts/relationships?id=" + nina.self.ID.String())[0].(row); got["note"] != "" {
			t.Errorf("another reads the note %v", got)
		}
		if got := olga.list("/v1/accounts/relationships?id[]=99&id[]=" + pia.self.ID.String() + "&id[]=" + nina.self.ID.String()); len(got) != 2 || got[0].(row)["id"] != pia.self.ID.String() {
			t.Errorf("in the order asked: %v", got)
		}
		familiar := pia.list("/v1/accounts/familiar_followers?id[]=" + olga.self.ID.String() + "&id[]=" + telar.ID.String())
		if len(familiar) != 2 || strings.Join(handles(familiar[0].(row)["accounts"].([]any)), " ") != "nina" || len(familiar[1].(row)["accounts"].([]any)) != 0 {
			t.Errorf("familiar %v", familiar)
		}

		followers := olga.of(olga.self, "/followers")
		if got := handles(pia.list(followers)); len(got) != 1 {
			t.Errorf("people here see %v", got)
		}
		if got := stranger.list(followers); len(got) != 0 {
			t.Errorf("strangers see %v of who is not to be found", got)
		}
		olga.ask(200, "PATCH", "/v1/accounts/update_credentials", row{"hide_collections": true, "discoverable": true})
		if got, own := pia.list(followers), olga.list(followers); len(got) != 0 || len(own) != 1 {
			t.Errorf("hidden: %v, and to herself %v", got, own)
		}
		if olga.post(olga.of(pia.self, "/block"), nil); len(pia.list(pia.of(nina.self, "/following"))) != 0 {
			t.Error("a list names who blocks the reader")
		}

		if got := handles(nina.list("/v1/suggestions")); strings.Join(got, " ") != "telar" {
			t.Errorf("suggested %v", got)
		}
		if got := nina.list("/v2/suggestions"); len(got) != 1 || got[0].(row)["account"] == nil || got[0].(row)["source"] == "" {
			t.Errorf("suggested %v", got)
		}
		for _, acct := range []string{"telar", "telar@" + a.config.Host, "@Telar"} {
			if got := stranger.get("/v1/accounts/lookup?acct=" + url.QueryEscape(acct)); got["id"] != telar.ID.String() {
				t.Errorf("%s is %v", acct, got["acct"])
			}
		}
		for _, acct := range []string{"", "nobody", "bea@elsewhere.example", "a b@c"} {
			stranger.ask(404, "GET", "/v1/accounts/lookup?acct="+url.QueryEscape(acct), nil)
		}
		if got := handles(stranger.list("/v1/accounts?id[]=" + telar.ID.String() + "&id[]=12&id[]=" + nina.self.ID.String())); strings.Join(got, " ") != "telar nina" {
			t.Errorf("many: %v", got)
		}
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.SuspendAccount(f.ctx, pia.self.ID, a.now()) }))
		if got := stranger.get("/v1/accounts/" + pia.self.ID.String()); got["suspended"] != true || got["display_name"] != "" {
			t.Errorf("suspended: %v", got)
		}
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.DeleteAccount(f.ctx, pia.self.ID, a.now()) }))
		stranger.ask(404, "GET", "/v1/accounts/"+pia.self.ID.String(), nil)
		nina.ask(404, "POST", "/v1/accounts/"+pia.self.ID.String()+"/follow", nil)
		a.phone(a.person("rita"), "read:accounts").ask(403, "POST", "/v1/accounts/"+olga.self.ID.String()+"/follow", nil)
		nina.ask(403, "POST", nina.of(nina.self, "/block"), nil)
		nina.ask(403, "POST", nina.of(nina.self, "/mute"), nil)
		nina.ask(422, "POST", nina.of(olga.self, "/mute"), row{"duration": -1})
	})
}

// TestFollowedTags: a hashtag in any case is one.
func TestFollowedTags(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a := f.house("ana")
		nina := a.phone(a.person("nina"))
		if got := nina.post("/v1/tags/CoopJobs/follow", nil); got["name"] != "CoopJobs" || got["following"] != true || len(got["history"].([]any)) != 7 {
			t.Errorf("followed %v", got)
		}
		nina.post("/v1/tags/coopjobs/follow", nil)
		nina.post("/v1/tags/panader%C3%ADa/follow", nil)
		nina.ask(422, "POST", "/v1/tags/!!/follow", nil)
		if got := nina.list("/v1/followed_tags"); len(got) != 2 || nina.link == "" {
			t.Errorf("follows %v", got)
		}
		if got := nina.post("/v1/tags/COOPJOBS/unfollow", nil); got["following"] != false {
			t.Errorf("unfollowed %v", got)
		}
		if got := nina.list("/v1/followed_tags?limit=1"); len(got) != 1 || got[0].(row)["following"] != true {
			t.Errorf("follows %v", got)
		}
	})
}
