// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"strconv"

	"minga/coop"
	"minga/federation/document"
)

const maxContributors, maxCitations, maxTopics = 20, 100, 30

// readArticle reads what a knowledge post has beyond a post (FEP-b2b8 and ours);
// whatever is broken is left out alone.
func readArticle(doc *document.Object) *coop.Article {
	a := &coop.Article{
		License: webAddress(doc.Ref("license").ID), Version: version(doc, "version"),
		History: ref(doc, "history"), Status: coop.ArticlePublished,
		TranslationOf: ref(doc, "translationOfWork"), TranslatedVersion: version(doc, "translatedVersion"),
		Translations: iris(refIDs(doc.Refs("workTranslation")), maxTopics),
		Topics:       terms(doc, "about", maxTopics),
		Citations:    iris(refIDs(doc.Refs("citation")), maxCitations),
		CheckedBy:    ref(doc, "checkedBy"),
	}
	if a.License == "" {
		a.License = webAddress(doc.String("license"))
	}
	if date := doc.String("checkedOn"); date != "" {
		if _, ok := coop.ParseDate(date); ok {
			a.CheckedOn = date
		}
	}
	if series := terms(doc, "isPartOf", 1); len(series) == 1 {
		a.Series = &series[0]
		if n, ok := doc.Int("position"); ok && n > 0 && n < 100_000 {
			a.Position = int(n)
		}
	}
	for _, c := range append(iris(doc.Claims(), maxContributors), iris(refIDs(doc.Refs("contributor")), maxContributors)...) {
		if len(a.Contributors) < maxContributors {
			a.Contributors = append(a.Contributors, coop.Contributor{IRI: c})
		}
	}
	return a
}

// version reads a counter that is a decimal string on the wire.
func version(doc *document.Object, member string) int64 {
	s, ok := doc.Number(member)
	if !ok {
		s = doc.String(member)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1_000_000_000 {
		return 0
	}
	return n
}

// ref is the one address of a member, empty where it is unusable.
func ref(doc *document.Object, member string) coop.IRI {
	list := iris(refIDs(doc.Refs(member)), 1)
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// terms reads entries of a list of terms: objects with id and name, or addresses.
func terms(doc *document.Object, member string, limit int) []coop.Term {
	var out []coop.Term
	for _, r := range doc.Refs(member) {
		t := coop.Term{URI: webAddress(r.ID), Name: coop.CleanLine(r.Object().Text("name").Value, 200)}
		if t.Name == "" {
			t.Name = t.URI
		}
		if t.Name != "" && len(out) < limit {
			out = append(out, t)
		}
	}
	return out
}
