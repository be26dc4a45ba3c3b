// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minga/federation/document"
	"minga/federation/sanitize"
	"minga/federation/vocabulary"
	"minga/inbox"
)

// federationDoc is FEDERATION.md as it lies at the root.
func federationDoc(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../FEDERATION.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestFederationDocFEPs compares the table of FEPs with the program's.
func TestFederationDocFEPs(t *testing.T) {
	var told []string
	for _, row := range regexp.MustCompile(`(?m)^\| ([0-9a-f]{4}) \| (.+?) \| (yes)? ?\| (yes)? ?\|$`).FindAllStringSubmatch(federationDoc(t), -1) {
		told = append(told, fmt.Sprintf("%s %s in=%v out=%v", row[1], row[2], row[3] == "yes", row[4] == "yes"))
	}
	var real []string
	for _, f := range vocabulary.FEPs() {
		real = append(real, fmt.Sprintf("%s %s in=%v out=%v", f.Number, f.Title, f.In, f.Out))
	}
	compareLists(t, "FEP", told, real)
}

// TestFederationDocActivities compares the sentence about activities with the
// inbox's dispatch.
func TestFederationDocActivities(t *testing.T) {
	doc := federationDoc(t)
	begin := strings.Index(doc, "Taken with an effect:")
	end := strings.Index(doc[begin:], "Every other activity")
	var told []string
	for _, name := range regexp.MustCompile("`([A-Za-z]+)`").FindAllStringSubmatch(doc[begin:begin+end], -1) {
		told = append(told, name[1])
	}
	compareLists(t, "activity", told, inbox.Activities())
}

// TestFederationDocLimits compares the numbers of the table with the constants.
func TestFederationDocLimits(t *testing.T) {
	doc := federationDoc(t)
	for what, most := range map[string]int{
		"body or fetched document, bytes":            document.MaxBody,
		"levels of nesting":                          document.MaxDepth,
		"tokens":                                     document.MaxTokens,
		"tokens of a collection":                     document.MaxCollectionTokens,
		"members of an object":                       document.MaxMembers,
		"entries of `object`, `tag` or `attachment`": document.MaxEntries,
		"recipients":                                 document.MaxRecipients,
		"items of a collection page":                 document.MaxItems,
		"one string, bytes":                          document.MaxString,
		"clean HTML of a post, in all its languages together, bytes": sanitize.MaxHTML,
		"value of a field of a profile, bytes":                       document.MaxField,
		"an id, bytes":                                               document.MaxID,
	} {
		if row := fmt.Sprintf("| %s | %d |\n", what, most); !strings.Contains(doc, row) {
			t.Errorf("FEDERATION.md lacks the row %q", row)
		}
	}
}

// compareLists says what stands in one list alone.
func compareLists(t *testing.T, what string, told, real []string) {
	t.Helper()
	if len(told) == 0 {
		t.Fatalf("FEDERATION.md names no %s", what)
	}
	for _, one := range told {
		if !slices.Contains(real, one) {
			t.Errorf("FEDERATION.md tells of %s %q, the program does not", what, one)
		}
	}
	for _, one := range real {
		if !slices.Contains(told, one) {
			t.Errorf("the program has %s %q, FEDERATION.md does not tell", what, one)
		}
	}
}
