// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// parts sends a form as browsers send one that may hold a file.
func (b *browser) parts(path string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range form {
		b.must(parts.WriteField(name, values[0]))
	}
	b.must(parts.Close())
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Host = host
	r.Header.Set("Content-Type", parts.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept-Language", "en")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	b.http.ServeHTTP(answer, r)
	return answer
}

// TestSettings leads to every page, each of which is there.
func TestSettings(t *testing.T) {
	o := newOffice(t)
	page := o.hirer.do(settingsPath, nil)
	checkPage(t, page, "settings", "en")
	n := 0
	for _, a := range elements(t, page.Body.String(), "a") {
		if path := attribute(a, "href"); strings.HasPrefix(path, settingsPath+"/") || path == "/searches" {
			if n++; o.hirer.do(path, nil).Code >= http.StatusBadRequest {
				t.Errorf("%s is not there", path)
			}
		}
	}
	if n < 8 {
		t.Errorf("%d pages", n)
	}
}

// TestAProfileIsChanged: what was typed is kept, and where it cannot be, it stands in the
// form with a word beside it; a co-op's is for its stewards.
func TestAProfileIsChanged(t *testing.T) {
	o := newOffice(t)
	page := o.hirer.do(profilePath, nil)
	checkPage(t, page, "profile to change", "en")
	form := hidden(t, page.Body.String(), "bio")
	form.Set("name", " Ana <b>Ferreyra</b> ")
	form.Set("bio", "I bake. #pan")
	form.Set("language", "pt")
	form.Set("field_2", "Site")
	form.Set("value_2", "https://pan.example/")
	form.Set("locked", "1")
	if got := o.hirer.parts(profilePath, form); got.Code != http.StatusSeeOther || got.Header().Get("Location") != profilePath+"?done=saved" {
		t.Fatalf("%d to %q: %s", got.Code, got.Header().Get("Location"), got.Body)
	}
	a, err := o.Store.AccountByHandle(t.Context(), "ana", "")
	o.must(err)
	if a.DisplayName != "Ana <b>Ferreyra</b>" || a.BioSource != "I bake. #pan" || !strings.Contains(a.Bio, "/tags/pan") || a.Language != "pt" || !a.Locked || a.Discoverable || len(a.Fields) != 1 || a.Fields[0].Name != "Site" {
		t.Errorf("kept: %+v", a)
	}
	form.Set("name", strings.Repeat("x", coop.MaxDisplayName+1))
	form.Set("field_3", strings.Repeat("y", 300))
	form.Set("value_4", "without a name")
	form.Set("language", "klingonish-x")
	refused := o.hirer.parts(profilePath, form)
	said := refused.Body.String()
	if refused.Code != http.StatusUnprocessableEntity || !strings.Contains(said, strings.Repeat("x", coop.MaxDisplayName+1)) || !strings.Contains(said, "without a name") {
		t.Errorf("refused: %d", refused.Code)
	}
	for _, field := range []string{"name", "field_3", "field_4", "language"} {
		if !strings.Contains(said, `id="`+field+`-problem"`) {
			t.Errorf("nothing is said of %s", field)
		}
	}
	as := o.coop.ID.String()
	if code := o.hirer.do(profilePath+"?as="+as, nil).Code; code != http.StatusForbidden {
		t.Errorf("who is no steward gets %d", code)
	}
	o.role(coop.Steward)
	form = hidden(t, o.hirer.says(profilePath+"?as="+as, true, "Cooperativa telar"), "bio")
	form.Set("name", "Telar")
	if got := o.hirer.parts(profilePath, form); got.Code != http.StatusSeeOther {
		t.Errorf("a steward gets %d: %s", got.Code, got.Body)
	}
	entries, err := o.Store.Audit(t.Context(), storage.AuditQuery{Account: o.coop.ID}, coop.Page{Limit: 1})
	o.must(err)
	if len(entries) != 1 || entries[0].Who != "ana" || entries[0].Act != "settings.profile" {
		t.Errorf("the log says %+v", entries)
	}
}

// TestLinesOfAProfileStay as they were where somebody changes the name alone.
func TestLinesOfAProfileStay(t *testing.T) {
	o := newOffice(t)
	ana, err := o.Store.AccountByHandle(t.Context(), "ana", "")
	o.must(err)
	for range coop.MaxFields {
		ana.Fields = append(ana.Fields, coop.Field{Name: "Site", Source: "https://pan.example/"})
	}
	o.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, ana) })
	form := formOf(o.hirer.do(profilePath, nil).Body.String())
	form.Set("name", "Other")
	if got := o.hirer.parts(profilePath, form); got.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", got.Code, got.Body)
	}
	after, err := o.Store.Account(t.Context(), ana.ID)
	o.must(err)
	if len(after.Fields) != coop.MaxFields || after.Fields[coop.MaxFields-1].Source != "https://pan.example/" || after.DisplayName != "Other" {
		t.Errorf("%+v", after.Fields)
	}
}
