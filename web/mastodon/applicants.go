// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
	"minga/web/respond"
)

// applicantJSON is an application by the form, for who reads direct messages of the co-op.
type applicantJSON struct {
	ID         string          `json:"id"`
	JobID      string          `json:"job_id"`
	Title      string          `json:"title"` // of the job, as it was then
	Name       string          `json:"name"`
	Email      string          `json:"email"`
	Message    string          `json:"message"`
	Language   string          `json:"language"`
	Files      []applicantFile `json:"files"`
	CreatedAt  entity.Time     `json:"created_at"`
	AnswerBy   entity.Time     `json:"answer_by"`
	AnsweredAt entity.Time     `json:"answered_at"`
	DeletedOn  entity.Time     `json:"deleted_on"` // null as long as the job has not ended
}

// applicantFile is a PDF that came with it.
type applicantFile struct {
	Title string `json:"title"`
	Size  int64  `json:"size"` // bytes
	URL   string `json:"url"`  // wants the same token
}

// hiringRoutes are applications by the form, and the switch that turns the form on.
func (f *Face) hiringRoutes() []auth.Route {
	read := func(path string, h respond.Handler) auth.Route {
		return f.own("/v1/minga"+path, scopeRead, h).For(coop.ActMessages)
	}
	write := func(method, path string, h respond.Handler) auth.Route {
		return f.write(method, "/v1/minga"+path, scopeWrite, auth.LimitAPI, h).For(coop.ActMessages)
	}
	return append(allFor(coop.ActProfile, f.update("/v1/minga/hiring", scopeWrite, auth.LimitAPI, f.changeHiring)),
		f.own("/v1/minga/hiring", scopeRead, f.hiring),
		read("/jobs/:id/applications", f.listApplicants),
		read("/applications/:id", f.getApplicant),
		read("/applications/:id/files/:file", f.applicantFile),
		write("POST", "/applications/:id/answered", f.answeredApplicant),
		write("POST", "/applications/:id/waiting", f.waitingApplicant),
		write("DELETE", "/applications/:id", f.removeApplicant),
	)
}

// newApplicantJSON shows one.
func (f *Face) newApplicantJSON(a *coop.Application) applicantJSON {
	out := applicantJSON{
		ID: a.ID.String(), JobID: a.PostID.String(), Title: a.Title, Name: a.Name, Email: a.Email, Message: a.Message, Language: a.Language,
		Files: []applicantFile{}, CreatedAt: entity.Time(a.CreatedAt), AnswerBy: entity.Time(a.AnswerBy), AnsweredAt: entity.Time(a.AnsweredAt), DeletedOn: entity.Time(a.DeletedOn()),
	}
	for i, file := range a.Files {
		address := f.Scheme + "://" + f.Host + "/api/v1/minga/applications/" + out.ID + "/files/" + strconv.Itoa(i+1)
		out.Files = append(out.Files, applicantFile{file.Title, file.Size, address})
	}
	return out
}

// listApplicants lists the applications for a job of the token's co-op, newest first: GET
// /api/v1/minga/jobs/:id/applications.
func (f *Face) listApplicants(c *gin.Context) error {
	p, err := f.post(c, coop.KindJob)
	if err == nil && p.AuthorID != auth.Account(c).ID {
		err = fmt.Errorf("applications for %s: %w", p.ID, coop.ErrNotFound)
	}
	if err != nil {
		return err
	}
	list, err := f.Store.Applications(c.Request.Context(), p.AuthorID, p.ID, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	out := make([]applicantJSON, len(list))
	for i, a := range list {
		out[i] = f.newApplicantJSON(a)
	}
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, out)
	return nil
}

// applicant finds that of the path, of the token's co-op alone.
func (f *Face) applicant(c *gin.Context) (*coop.Application, error) {
	return ownIn(c, f.Store.Application)
}

// showApplicant answers one.
func (f *Face) showApplicant(c *gin.Context, a *coop.Application) error {
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, f.newApplicantJSON(a))
	return nil
}

// getApplicant answers GET /api/v1/minga/applications/:id.
func (f *Face) getApplicant(c *gin.Context) error {
	a, err := f.applicant(c)
	if err != nil {
		return err
	}
	return f.showApplicant(c, a)
}

// applicantFile hands out a PDF that came with an application: GET
// /api/v1/minga/applications/:id/files/:file, counted from 1.
func (f *Face) applicantFile(c *gin.Context) error {
	a, err := f.applicant(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Param("file"))
	if err != nil || n < 1 || n > len(a.Files) || f.Media == nil {
		return fmt.Errorf("file %.10q of application %s: %w", c.Param("file"), a.ID, coop.ErrNotFound)
	}
	content, err := f.Media.OpenSealed(c.Request.Context(), a.Files[n-1].Name)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Security-Policy", "default-src 'none'; sandbox")
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "application-" + a.ID.String() + "-" + strconv.Itoa(n) + ".pdf"}))
	c.Data(http.StatusOK, "application/pdf", content)
	return nil
}

// answeredApplicant notes that the person was answered: POST
// /api/v1/minga/applications/:id/answered.
func (f *Face) answeredApplicant(c *gin.Context) error { return f.markApplicant(c, f.Now()) }

// waitingApplicant notes that they still wait: POST /api/v1/minga/applications/:id/waiting.
func (f *Face) waitingApplicant(c *gin.Context) error { return f.markApplicant(c, time.Time{}) }

// markApplicant keeps when somebody was answered; zero: not yet.
func (f *Face) markApplicant(c *gin.Context, at time.Time) error {
	a, err := f.applicant(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.AnswerApplication(ctx, a.AccountID, a.ID, at) }); err != nil {
		return err
	}
	if a, err = f.Store.Application(ctx, a.AccountID, a.ID); err != nil {
		return err
	}
	return f.showApplicant(c, a)
}

// removeApplicant deletes an application with its files: DELETE
// /api/v1/minga/applications/:id.
func (f *Face) removeApplicant(c *gin.Context) error {
	a, err := f.applicant(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if err := f.Outbox.WithdrawApplication(ctx, a); err != nil {
		return err
	}
	if f.Media != nil {
		if err := f.Media.SweepSealed(ctx); err != nil {
			return err
		}
	}
	c.JSON(http.StatusOK, gin.H{})
	return nil
}

// hiringJSON says whether people apply by the form, and how the co-op kept its word.
type hiringJSON struct {
	Form    bool        `json:"form"`
	Answers answersJSON `json:"answers"`
}

// answersJSON are applications whose promised time is over, and how many were answered in it.
type answersJSON struct {
	Due  int `json:"due"`
	Kept int `json:"kept"`
}

// hiring answers GET /api/v1/minga/hiring.
func (f *Face) hiring(c *gin.Context) error {
	ctx, me := c.Request.Context(), auth.Account(c)
	on, err := f.Store.TakesForm(ctx, me.ID)
	if err != nil {
		return err
	}
	record, err := f.Store.AnswerRecord(ctx, me.ID)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, hiringJSON{on, answersJSON{record.Due, record.Kept}})
	return nil
}

// changeHiring turns the form on or off: PUT /api/v1/minga/hiring with form.
func (f *Face) changeHiring(c *gin.Context) error {
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	me := auth.Account(c)
	on := in.Flag("form")
	if on == nil {
		in.Complain("form", coop.CodeRequired, "say whether people may apply by the form")
	}
	if err := in.Err(); err != nil {
		return err
	}
	if err := mayPublish(me); err != nil {
		return err
	}
	if err := f.Outbox.UseForm(c.Request.Context(), me, *on); err != nil {
		return err
	}
	return f.hiring(c)
}
