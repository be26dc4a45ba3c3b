// SPDX-License-Identifier: AGPL-3.0-or-later

package skill

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"minga/coop"
)

// Source is the source of what ESCO's files say.
const Source = "esco"

// mostOther is how many other names of one skill in one language are read.
const mostOther = 40

// ReadESCO reads a CSV file of ESCO as it is downloaded (v1.0 to v1.2): skills
// (skills_en.csv), groups of skills (skillGroups_en.csv), or what is broader
// (broaderRelationsSkillPillar_en.csv), told apart by the names of their columns. The
// language is that of the names in the file. Entries are handed on one by one; a broken
// line ends it with an error that names the line.
func ReadESCO(r io.Reader, language string, yield func(coop.SkillEntry) error) error {
	rows := csv.NewReader(r)
	rows.ReuseRecord, rows.FieldsPerRecord = true, 0
	head, err := rows.Read()
	if err != nil {
		return fmt.Errorf("the first line: %w", err)
	}
	head = slices.Clone(head)
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	column := func(name string) int { return slices.Index(head, name) }
	read, err := escoRow(column, language)
	if err != nil {
		return err
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err // it names the line
		}
		if e := read(row); e.URI != "" {
			if err := yield(e); err != nil {
				return err
			}
		}
	}
}

// escoRow is how a row of the file is read, by the names of its columns.
func escoRow(column func(string) int, language string) (func(row []string) coop.SkillEntry, error) {
	uri, label, also := column("conceptUri"), column("preferredLabel"), column("altLabels")
	if broader := column("broaderUri"); uri >= 0 && broader >= 0 {
		return func(row []string) coop.SkillEntry {
			e := coop.SkillEntry{URI: address(row[uri])}
			if above := address(row[broader]); above != "" {
				e.Broader = []string{above}
			}
			return e
		}, nil
	}
	if uri < 0 || label < 0 {
		return nil, errors.New("this is no file of ESCO's skills: it has no columns conceptUri and preferredLabel, nor broaderUri")
	}
	if !coop.ValidLanguage(language) {
		return nil, errors.New("the language of the file is not known: say it by --language")
	}
	language = strings.ToLower(language)
	return func(row []string) coop.SkillEntry {
		e := coop.SkillEntry{URI: address(row[uri]), Labels: []coop.Label{{Language: language, Text: coop.CleanLine(row[label], 500), Preferred: true}}}
		if also >= 0 {
			e.Labels = append(e.Labels, others(row[also], language)...)
		}
		return e
	}, nil
}

// address is the address of a skill; empty for what is none.
func address(s string) string {
	if s = strings.TrimSpace(s); coop.ValidIRI(coop.IRI(s)) && len(s) <= 500 {
		return s
	}
	return ""
}

// others are the other names of a skill, one a line.
func others(cell, language string) []coop.Label {
	var labels []coop.Label
	for name := range strings.Lines(cell) {
		if name = coop.CleanLine(name, 500); name != "" && len(labels) < mostOther {
			labels = append(labels, coop.Label{Language: language, Text: name})
		}
	}
	return labels
}

// LanguageOf is the language that the name of one of ESCO's files says: skills_es.csv;
// empty where it says none.
func LanguageOf(file string) string {
	name := strings.TrimSuffix(path.Base(strings.ReplaceAll(file, `\`, "/")), ".csv")
	language := name[strings.LastIndexByte(name, '_')+1:]
	if language == name || !coop.ValidLanguage(language) {
		return ""
	}
	return strings.ToLower(language)
}
