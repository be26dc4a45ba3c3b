// SPDX-License-Identifier: AGPL-3.0-or-later

package openlist

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"minga/coop"
)

// MaxBytes is how large a list may be.
const MaxBytes = 8 << 20

// ErrFormat is said of what is neither a table with a line of names nor a list of objects.
var ErrFormat = errors.New("this is neither a CSV with the names of its columns nor a JSON list of objects")

// Read reads a list. What it is, CSV or JSON, shows in its first character. Entries
// without a name are left out; skipped says how many. A list of more than most entries,
// or of more than [MaxBytes], gives a [coop.InvalidError].
func Read(r io.Reader, most int) (list []coop.ListedCoop, skipped int, err error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, 0, fmt.Errorf("read a list of co-ops: %w", err)
	}
	if len(body) > MaxBytes {
		return nil, 0, &coop.InvalidError{Field: "file", Code: coop.CodeTooLong, Problem: "a list has at most 8 MiB"}
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	read := readCSV
	if len(body) > 0 && (body[0] == '[' || body[0] == '{') {
		read = readJSON
	}
	entries, err := read(body, most)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		if l := e.listed(); l.Name != "" {
			list = append(list, l)
		} else {
			skipped++
		}
	}
	if len(list) == 0 {
		return nil, skipped, ErrFormat
	}
	return list, skipped, nil
}

func tooMany(most int) error {
	return &coop.InvalidError{Field: "file", Code: coop.CodeTooMany, Problem: fmt.Sprintf("a list has at most %d entries", most)}
}

// readCSV reads a table whose first line names the columns. Commas, semicolons and tabs
// part the cells, whichever the first line has most of.
func readCSV(body []byte, most int) ([]entry, error) {
	head, _, _ := bytes.Cut(body, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(body))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for _, comma := range ";\t" {
		if strings.Count(string(head), string(comma)) > strings.Count(string(head), string(r.Comma)) {
			r.Comma = comma
		}
	}
	names, err := r.Read()
	if err != nil {
		return nil, ErrFormat
	}
	var list []entry
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, errors.Join(ErrFormat, err)
		}
		if len(list) == most {
			return nil, tooMany(most)
		}
		e := entry{}
		for i, cell := range cells[:min(len(cells), len(names))] {
			if key := fold(names[i]); len(e[key]) == 0 && strings.TrimSpace(cell) != "" {
				e[key] = []string{cell}
			}
		}
		list = append(list, e)
	}
}

// readJSON reads a list of objects, or the longest one in an object or a GeoJSON
// FeatureCollection, whose properties and point it takes.
func readJSON(body []byte, most int) ([]entry, error) {
	var list []map[string]any
	if err := json.Unmarshal(body, &list); err != nil {
		var inside map[string]json.RawMessage
		if json.Unmarshal(body, &inside) != nil {
			return nil, ErrFormat
		}
		for _, raw := range inside {
			var some []map[string]any
			if json.Unmarshal(raw, &some) == nil && len(some) > len(list) {
				list = some
			}
		}
	}
	if len(list) > most {
		return nil, tooMany(most)
	}
	entries := make([]entry, 0, len(list))
	for _, object := range list {
		e := entry{}
		e.add(object)
		entries = append(entries, e)
	}
	return entries, nil
}
