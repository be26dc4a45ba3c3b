// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"

	"minga/storage"
	"minga/web/respond"
)

// doctorPath is what the checks found.
const doctorPath = "/admin/doctor"

// doctorRefresh is after how many seconds the page of a look under way is asked for again.
const doctorRefresh = "3"

// Explained is a finding in words.
type Explained struct {
	State, Name string
	Text        string // what was found, and what it means
	Do          string // what to do; empty when all is well
	Said        string // what the system or another program said, in its own words; may be empty
}

// ownPage is the address of a page of the staff in a text.
var ownPage = regexp.MustCompile(`/(?:admin|settings)(?:/[a-z]+)+`)

// Before, Page and After are Do in three pieces, the one in the middle an address that can
// be a link.
func (e Explained) Before() string { return e.Do[:e.page()[0]] }

// Page is empty where Do names no page.
func (e Explained) Page() string { return e.Do[e.page()[0]:e.page()[1]] }

// After is what stands behind the page.
func (e Explained) After() string { return e.Do[e.page()[1]:] }

// page says where in Do the page is.
func (e Explained) page() []int {
	if at := ownPage.FindStringIndex(e.Do); at != nil {
		return at
	}
	return []int{len(e.Do), len(e.Do)}
}

// Explain says a finding in a language.
func Explain(t respond.Tongue, f Finding) Explained {
	key, says := "admin_check_"+f.Name, "admin_check_"+f.Name+"_"+string(f.State)
	e := Explained{State: string(f.State), Name: t.T(key), Said: f.Why.Raw}
	if f.State != FindingOK {
		e.Do = t.T(key + "_do")
	}
	fact := f.Fact
	if f.Why.Key != "" {
		fact = because(t, f.Why)
	}
	if f.Why.Unsure {
		says, e.Do = "admin_check_unsure", t.T("admin_check_unsure_do")
	}
	e.Text = t.T(says, "Fact", fact)
	return e
}

// because is a reason in words: where it was met, and what it is.
func because(t respond.Tongue, why storage.Reason) string {
	text := t.T("admin_why_"+why.Key, "Got", why.Got)
	if why.Where != "" {
		return why.Where + ": " + text
	}
	return text
}

// doctorView is what the last look found, or how far the one under way is.
type doctorView struct {
	When     moment // of the last look; empty: none
	Running  string // how far it is, in words; empty: none is under way
	Broken   bool   // the last one did not end
	Sum      string // how many want somebody, in words
	Findings []findingRow
	May      bool // a look can be asked for
}

// doctor answers GET /admin/doctor.
func (f *Face) doctor(c *gin.Context) error {
	t := f.Shell.Tongue(c)
	x, err := f.Store.Examination(c.Request.Context())
	if err != nil {
		return err
	}
	view := doctorView{When: momentOf(t, x.Began), May: f.Examine != nil}
	running := x.Ended.IsZero() && f.Now().Before(x.Busy)
	switch {
	case running:
		view.Running = t.T("admin_doctor_running", "N", t.Number(len(x.Found)), "Of", t.Number(max(x.Checks, len(x.Found))))
	case c.Query("asked") != "":
		view.Running = t.T("admin_doctor_soon")
	case !x.Began.IsZero() && x.Ended.IsZero():
		view.Broken = true
	}
	if view.Running != "" { // without a script the page can show more only by being asked for again
		c.Header("Refresh", doctorRefresh+"; url="+doctorPath)
	}
	wrong := 0
	view.Findings, wrong = examined(t, x.Found)
	if len(x.Found) > 0 {
		view.Sum = t.T("admin_doctor_well")
	}
	if wrong > 0 {
		view.Sum = t.N("admin_doctor_wrong", wrong)
	}
	return f.draw(c, "admin-doctor", "admin_doctor_title", view)
}

// examined are findings in words, what does not work first, and how many want somebody.
func examined(t respond.Tongue, found []storage.Examined) (rows []findingRow, wrong int) {
	for _, state := range []FindingState{FindingFail, FindingWarn, FindingOK} {
		for _, one := range found {
			if one.State != string(state) {
				continue
			}
			if rows = append(rows, findingRowOf(t, Finding{one.Name, state, one.Fact, one.Why})); state != FindingOK {
				wrong++
			}
		}
	}
	return rows, wrong
}

// askDoctor answers POST /admin/doctor: a look begins at once.
func (f *Face) askDoctor(c *gin.Context) error {
	if f.Examine != nil {
		f.Examine()
	}
	c.Redirect(http.StatusSeeOther, doctorPath+"?asked=1")
	return nil
}
