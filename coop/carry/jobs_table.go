// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"minga/coop"
)

// The columns of a table of jobs are those of the `.csv` that every search of jobs has
// here, and those that it lacks. jobColumns says what each means.

// jobColumn is a column: its name, and how a cell that is not empty is read into a job.
type jobColumn struct {
	name string
	read func(j *FileJob, cell string)
}

// JobColumns are the names of the columns that are read, in the order of the documents.
func JobColumns() (names []string) {
	for _, c := range jobColumns() {
		names = append(names, c.name)
	}
	return names
}

// unreadHere are columns of our own tables that say nothing of the job.
var unreadHere = map[string]bool{"co_op": true, "": true}

// table reads a table.
func (f *JobFile) table(data []byte) error {
	text, ok := decode(data)
	if !ok {
		return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "this is no text file"}
	}
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma, lines.FieldsPerRecord = Following.separator(text), -1
	var columns []*jobColumn
	for {
		record, err := lines.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			bad := FileJob{Number: broken.StartLine, Job: &coop.Job{}}
			bad.wrong("row", coop.CodeFormat, "a quotation mark is not closed, or stands within a cell: put the cell between two and write those inside twice")
			err = f.add(bad)
		case err != nil:
			return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "this file cannot be read"}
		case columns == nil:
			columns, err = f.heads(record)
		case !empty(record):
			number, _ := lines.FieldPos(0)
			err = f.add(jobOfRow(number, columns, record))
		}
		if err != nil {
			return err
		}
	}
}

// heads learns the columns from the first record.
func (f *JobFile) heads(record []string) ([]*jobColumn, error) {
	known, titled := map[string]*jobColumn{}, false
	for _, c := range jobColumns() {
		known[c.name] = &c
	}
	columns := make([]*jobColumn, len(record))
	for i, cell := range record {
		name := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(unguard(cell))))
		columns[i] = known[name]
		titled = titled || name == "title"
		if columns[i] == nil && !unreadHere[name] && len(f.Unread) < maxBadCells {
			f.Unread = append(f.Unread, coop.CleanLine(coop.Truncate(cell, 4*maxBadCell), maxBadCell))
		}
	}
	if !titled {
		return nil, &coop.InvalidError{Field: "file", Code: coop.CodeRequired, Problem: "the first line has to name the columns, one of them title"}
	}
	return columns, nil
}

// jobOfRow reads a row.
func jobOfRow(number int, columns []*jobColumn, record []string) FileJob {
	j := FileJob{Number: number, Job: &coop.Job{}}
	if len(record) > len(columns) {
		j.wrong("row", coop.CodeTooMany, "it has %d cells and the first line %d: put cells with commas between quotation marks", len(record), len(columns))
		return j
	}
	for i, cell := range record {
		if cell = strings.TrimSpace(unguard(cell)); cell != "" && columns[i] != nil {
			columns[i].read(&j, cell)
		}
	}
	if j.Job.Title == "" {
		j.wrong("title", coop.CodeRequired, "each row needs one")
	}
	j.completePay()
	if j.Job.HoursFrom.IsZero() {
		j.Job.HoursFrom = j.Job.HoursTo
	}
	if j.Job.HoursTo.IsZero() {
		j.Job.HoursTo = j.Job.HoursFrom
	}
	return j
}

// completePay makes both ends of a sum that has one.
func (j *FileJob) completePay() {
	p := j.Job.Pay
	if p == nil {
		return
	}
	if p.Max.IsZero() {
		p.Max = p.Min
	}
	if p.Min.IsZero() {
		p.Min = p.Max
	}
	if p.Max.IsZero() {
		j.Job.Pay = nil
	}
}

// oneWord reads a word of a closed list.
func (j *FileJob) oneWord(column, cell string, words []string, into *string) {
	for _, word := range words {
		if strings.EqualFold(strings.ReplaceAll(cell, "_", "-"), strings.ReplaceAll(word, "_", "-")) {
			*into = word
			return
		}
	}
	j.wrong(column, coop.CodeUnknown, "one of %s, not %.40q", strings.Join(words, ", "), cell)
}

// yes reads a switch.
func (j *FileJob) yes(column, cell string, into *bool) {
	on, problem := truth(cell, false)
	if problem != "" {
		j.wrong(column, coop.CodeFormat, "true or false, not %.40q", cell)
	}
	*into = on
}

// list parts a cell of several.
func list(cell, signs string) (parts []string) {
	for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(signs, r) }) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// placesOf reads places: a town, a region and a country with commas between, a semicolon
// between two places.
func (j *FileJob) placesOf(cell string) {
	for _, one := range list(cell, ";") {
		var p coop.Place
		parts := list(one, ",")
		if n := len(parts); n > 0 && coop.ValidCountry(strings.ToUpper(parts[n-1])) {
			p.Country, parts = strings.ToUpper(parts[n-1]), parts[:n-1]
		}
		switch len(parts) {
		case 0:
		case 1:
			p.Locality = coop.CleanLine(parts[0], 200)
		case 2:
			p.Locality, p.Region = coop.CleanLine(parts[0], 200), coop.CleanLine(parts[1], 200)
		default:
			p.Name, p.Locality = coop.CleanLine(parts[0], 200), coop.CleanLine(strings.Join(parts[1:], ", "), 200)
		}
		if p != (coop.Place{}) {
			j.Job.Places = append(j.Job.Places, p)
		}
	}
}

// languagesOf reads languages of the work, each with its level or without: es:C1.
func (j *FileJob) languagesOf(cell string) {
	for _, one := range list(cell, ", ;") {
		tag, level, _ := strings.Cut(one, ":")
		need := coop.LanguageNeed{Tag: languageOr(tag, ""), Level: strings.ToUpper(level), Required: true}
		if need.Tag == "" {
			j.wrong("languages", coop.CodeUnknown, "tags of languages with levels, such as es:C1 en:B2, not %.40q", one)
			continue
		}
		j.Job.Languages = append(j.Job.Languages, need)
	}
}

// identified keeps what a job is known by; several columns may say it.
func (j *FileJob) identified(cell string) {
	if j.Key == "" {
		j.Key = coop.CleanLine(cell, maxTarget)
	}
}
