// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
	"minga/web/auth"
)

const (
	// importPath is where people bring what they had elsewhere.
	importPath = "/settings/import"
	// importBody is how much a form with a file may have: a file that is a little too
	// large is complained about beside its field.
	importBody = carry.MaxBytes + 1<<20
	// mostImports is how many imports the page lists.
	mostImports = 20
)

// importView is what stands on that page.
type importView struct {
	settingsFrame
	Kinds     []carryKind
	Overwrite bool
	Imports   []importLine
	Bad       []badLine // of a file that was not taken in
	Working   bool
}

// carryKind is a choice of the form.
type carryKind struct {
	Value, Name string
	Chosen      bool
}

// importLine is an import and how far it has come.
type importLine struct {
	ID, Kind, Name, State, Rows string
	Overwrite                   bool
	Total, Turned               int // rows, and those that had their turn
	Failed                      string
	Since                       moment
	Working                     bool
	Problems                    string // where the rows are that could not be done
}

// badLine is a row of a file that cannot be understood.
type badLine struct{ Line, Cells, Problem string }

// importPage answers GET /settings/import.
func (f *Face) importPage(c *gin.Context) error {
	about, err := settingsOf(c, coop.ActRelate)
	if err != nil {
		return err
	}
	view, err := f.importView(c, about, "")
	if err != nil {
		return err
	}
	if done := c.Query("done"); done == "import" || done == "stop" {
		view.Done = view.T("import_done_" + done)
	}
	return f.show(c, http.StatusOK, "import", view)
}

// importView reads what the page shows.
func (f *Face) importView(c *gin.Context, about *coop.Account, chosen string) (view importView, err error) {
	if view.settingsFrame, err = f.settingsFrame(c, "import_title", importPath, about, coop.ActRelate); err != nil {
		return view, err
	}
	for _, kind := range carry.Kinds() {
		view.Kinds = append(view.Kinds, carryKind{string(kind), view.T("carry_" + string(kind)), string(kind) == chosen})
	}
	list, err := f.Store.Imports(c.Request.Context(), about.ID, coop.Page{Limit: mostImports})
	for _, i := range list {
		line := view.importLine(i, view.As)
		view.Imports, view.Working = append(view.Imports, line), view.Working || line.Working
	}
	return view, err
}

// importLine is an import in words.
func (t *tongue) importLine(i *coop.Import, as string) importLine {
	line := importLine{
		ID: i.ID.String(), Kind: t.T("carry_" + i.Kind), Name: i.Name, State: t.T("import_state_" + string(i.State)), Overwrite: i.Overwrite,
		Total: i.Total, Turned: i.Done + i.Failed, Rows: t.T("import_progress", "Done", t.Number(i.Done+i.Failed), "Total", t.Number(i.Total)),
		Since: momentOf(t, i.CreatedAt), Working: i.State == coop.ImportWorking,
	}
	if i.Failed > 0 {
		line.Failed = t.N("import_failed", i.Failed)
		line.Problems = importPath + "/" + line.ID + "/problems.csv"
		if as != "" {
			line.Problems += "?" + withAs(as)
		}
	}
	return line
}

// takeIn answers POST /settings/import with a file, its kind, and whether it takes the
// place of what is there.
func (f *Face) takeIn(c *gin.Context) error {
	if form := c.Request.MultipartForm; form != nil {
		defer func() { _ = form.RemoveAll() }()
	}
	about, err := settingsOf(c, coop.ActRelate)
	if err != nil {
		return err
	}
	kind := carry.Kind(c.PostForm("kind"))
	if !kind.Valid() {
		return f.importRefused(c, about, "kind", "kind", nil)
	}
	name, data, err := uploaded(c)
	if err != nil {
		return f.importRefused(c, about, "file", "none", nil)
	}
	file, err := carry.Read(kind, data, f.AccountDomain)
	if problem := importProblem(err); problem != "" {
		return f.importRefused(c, about, "file", problem, nil)
	}
	if err != nil {
		return err
	}
	return f.startImport(c, about, &coop.Import{
		AccountID: about.ID, PersonID: auth.Account(c).ID, Kind: string(kind), Overwrite: c.PostForm("mode") == "overwrite", Name: name,
	}, file)
}

// startImport lets a file that was read be done.
func (f *Face) startImport(c *gin.Context, about *coop.Account, i *coop.Import, file *carry.File) error {
	var invalid *coop.InvalidError
	err := f.Outbox.StartImport(c.Request.Context(), i, file)
	switch {
	case errors.As(err, &invalid) && invalid.Field == "overwrite":
		return f.importRefused(c, about, "mode", "overwrite", file.Bad)
	case errors.As(err, &invalid) && invalid.Field == "kind":
		return f.importRefused(c, about, "kind", "running", nil)
	case err != nil:
		return err
	}
	if err := f.noteOwn(c, about, "import", i.Kind); err != nil {
		return err
	}
	doneAt(c, importPath, about, "import")
	return nil
}

// uploaded reads the file of the form and its name.
func uploaded(c *gin.Context) (name string, data []byte, err error) {
	header, err := c.FormFile("file")
	if err != nil {
		return "", nil, err
	}
	file, err := header.Open()
	if err != nil {
		return "", nil, err
	}
	defer file.Close() //nolint:errcheck // read only
	data, err = io.ReadAll(io.LimitReader(file, carry.MaxBytes+1))
	return coop.CleanLine(header.Filename, 200), data, err
}

// importProblem is the word for what is wrong with a file as a whole; empty for what is
// no fault of the file's.
func importProblem(err error) string {
	var invalid *coop.InvalidError
	switch {
	case errors.Is(err, coop.ErrTooLarge):
		return "large"
	case errors.As(err, &invalid) && invalid.Code == coop.CodeRequired:
		return "empty"
	case errors.As(err, &invalid):
		return "text"
	}
	return ""
}

// mostBad is how many bad rows the page names.
const mostBad = 50

// importRefused shows the page again with what is wrong.
func (f *Face) importRefused(c *gin.Context, about *coop.Account, field, problem string, bad []carry.BadLine) error {
	view, err := f.importView(c, about, c.PostForm("kind"))
	if err != nil {
		return err
	}
	view.Overwrite = c.PostForm("mode") == "overwrite"
	view.complain(field, view.T("import_problem_"+problem))
	for _, line := range bad[:min(len(bad), mostBad)] {
		view.Bad = append(view.Bad, badLine{view.Number(line.Number), fmt.Sprintf("%q", line.Cells), view.T("import_row_" + string(line.Problem))})
	}
	status := http.StatusUnprocessableEntity
	if problem == "large" {
		status = http.StatusRequestEntityTooLarge
	}
	return f.show(c, status, "import", view)
}

// stopImport answers POST /settings/import/ID/stop.
func (f *Face) stopImport(c *gin.Context) error {
	about, err := settingsOf(c, coop.ActRelate)
	if err != nil {
		return err
	}
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return err
	}
	if err := f.Outbox.StopImport(c.Request.Context(), about.ID, id); err != nil {
		return err
	}
	doneAt(c, importPath, about, "stop")
	return nil
}

// importProblems answers GET /settings/import/ID/problems.csv: the rows that could not
// be done, in the same columns, with the line and what was wrong.
func (f *Face) importProblems(c *gin.Context) error {
	about, err := settingsOf(c, coop.ActRelate)
	if err != nil {
		return err
	}
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	i, err := f.Store.Import(ctx, about.ID, id)
	if err != nil {
		return err
	}
	rows, err := f.Store.FailedImportRows(ctx, id, 0, carry.MaxRows)
	if err != nil {
		return err
	}
	file, err := f.tongueOf(c).problemFile(carry.Kind(i.Kind), rows)
	if err != nil {
		return err
	}
	sendFile(c, "problems-"+carry.Kind(i.Kind).FileName(), file)
	return nil
}

// problemFile writes rows that could not be done.
func (t *tongue) problemFile(kind carry.Kind, rows []storage.ImportRow) ([]byte, error) {
	var out bytes.Buffer
	w, err := carry.NewProblemWriter(&out, kind)
	for _, row := range rows {
		words := t.T("import_row_" + row.Problem)
		if row.Cells != nil {
			err = errors.Join(err, w.Bad(row.Number, row.Cells, words))
		} else {
			err = errors.Join(err, w.Good(row.Number, row.Row, words))
		}
	}
	err = errors.Join(err, w.Close()) // writes what is held back
	return out.Bytes(), err
}
