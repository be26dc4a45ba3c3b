// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"minga/coop"
)

// Jobs come as a table (CSV), as a feed (RSS, Atom), or as the <source><job> XML that job
// sites exchange. Each row becomes a job with what it says; what it does not say, its
// co-op says later. Nothing is published by reading.

// MaxJobs is how many jobs a file holds at most.
const MaxJobs = 2_000

// FileJob is a job as a file holds it.
type FileJob struct {
	Number int // line of a table, place in a feed, from 1
	// Key says which job it is when it comes again: its identifier, else its address, else
	// title and place.
	Key      string
	Language string // BCP 47; empty: it does not say
	Text     string // its description, Markdown
	Posted   string // ISO 8601 date; empty: it does not say
	Ended    bool   // it says itself that one cannot apply any more
	Job      *coop.Job
	Wrong    coop.Invalid // what cannot be understood, by the name of the column
}

// JobFile is what was found in a file of jobs.
type JobFile struct {
	Jobs   []FileJob
	Unread []string // columns that nobody reads, as they are called there
}

// ReadJobs reads a file of jobs: XML where it begins as such, else a table with the names
// of its columns in the first line. More than [MaxBytes] or [MaxJobs] give
// [coop.ErrTooLarge]; what is neither, and what holds no job, a *[coop.InvalidError] of
// field file. Never does a bad row keep the others out.
func ReadJobs(data []byte) (*JobFile, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("file of %d bytes: %w", len(data), coop.ErrTooLarge)
	}
	file := &JobFile{}
	var err error
	if start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n"); bytes.HasPrefix(start, []byte("<")) {
		err = file.feed(start)
	} else {
		err = file.table(data)
	}
	if err != nil {
		return nil, err
	}
	if len(file.Jobs) == 0 {
		return nil, &coop.InvalidError{Field: "file", Code: coop.CodeRequired, Problem: "the file holds no job"}
	}
	return file, nil
}

// add takes a job that was read. One that stands twice in a file is told of.
func (f *JobFile) add(j FileJob) error {
	if len(f.Jobs) >= MaxJobs {
		return fmt.Errorf("more than %d jobs: %w", MaxJobs, coop.ErrTooLarge)
	}
	if j.Key == "" {
		j.Key = j.Job.LikenessKey("file:")
	}
	f.Jobs = append(f.Jobs, j)
	return nil
}

// wrong notes what cannot be understood.
func (j *FileJob) wrong(column, code, problem string, args ...any) {
	j.Wrong = append(j.Wrong, &coop.InvalidError{Field: column, Code: code, Problem: fmt.Sprintf(problem, args...)})
}

// describe keeps a description: Markdown, or HTML where it is such.
func (j *FileJob) describe(text, page string) {
	if text == "" {
		return
	}
	if looksRich(text) {
		text = MarkdownOf(text, page, false)
	}
	j.Text = text
}

// looksRich tells HTML from what somebody typed.
func looksRich(text string) bool {
	for _, tag := range []string{"<p", "<br", "<div", "<ul", "<ol", "<li", "<strong", "<b>", "<em", "<a ", "<h1", "<h2", "<h3", "<h4", "<span", "&nbsp;", "&#"} {
		if strings.Contains(strings.ToLower(text), tag) {
			return true
		}
	}
	return false
}

// skillNamed adds skills by their names.
func (j *FileJob) skillNamed(names ...string) {
	for _, name := range names {
		name = coop.CleanLine(name, 200)
		known := slices.ContainsFunc(j.Job.Skills, func(s coop.Skill) bool { return strings.EqualFold(s.Name, name) })
		if name != "" && !known {
			j.Job.Skills = append(j.Job.Skills, coop.Skill{Term: coop.Term{Name: name}, Required: true})
		}
	}
}

// employmentElsewhere are words of job sites for those of schema.org.
var employmentElsewhere = map[string]string{
	"FULLTIME": "FULL_TIME", "PARTTIME": "PART_TIME", "CONTRACT": "CONTRACTOR", "FREELANCE": "CONTRACTOR", "INTERNSHIP": "INTERN", "PERDIEM": "PER_DIEM",
}

// employment reads types of employment: words of schema.org, and as job sites write them.
func employment(text string) (types []string, strange string) {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '|' }) {
		plain := strings.ReplaceAll(strings.ToUpper(word), "-", "_")
		if known := employmentElsewhere[plain]; known != "" {
			plain = known
		}
		if !slices.Contains(coop.EmploymentTypes(), plain) {
			strange = word
		} else if !slices.Contains(types, plain) {
			types = append(types, plain)
		}
	}
	return types, strange
}

// moments are the ways in which files write a moment.
var moments = []string{
	time.RFC3339, time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700",
	time.RFC822Z, time.RFC822, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "Mon, 2 Jan 2006",
}

// momentOf reads a moment, or a day, which is one at its beginning; day says so.
func momentOf(text string) (at time.Time, day, ok bool) {
	text = strings.TrimSpace(text)
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, true, at.Year() >= 1900 && at.Year() < 10_000
	}
	for _, layout := range moments {
		if at, err := time.Parse(layout, text); err == nil {
			at = at.UTC()
			return at, false, at.Year() >= 1900 && at.Year() < 10_000
		}
	}
	return time.Time{}, false, false
}

// lastMoment is the end of a day that was said alone, else the moment.
func lastMoment(at time.Time, day bool) time.Time {
	if day {
		return at.AddDate(0, 0, 1).Add(-time.Second)
	}
	return at
}
