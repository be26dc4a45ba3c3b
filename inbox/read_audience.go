// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"slices"

	"minga/coop"
	"minga/federation/document"
)

// readAudience reads who is addressed; bto and bcc are of nobody's business.
func readAudience(p *coop.Post, doc *document.Object, author *coop.Account, members []coop.IRI) {
	a := doc.Audience()
	p.To, p.Cc = addressees(a.To), addressees(a.Cc)
	if len(a.Audience) > 0 {
		p.Audience = coop.IRI(a.Audience[0])
	}
	p.Visibility = visibility(a, author, members)
}

// addressees are the addressed as IRIs, each once.
func addressees(list []string) []coop.IRI {
	var out []coop.IRI
	for _, s := range list {
		if i := coop.IRI(s); !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

// visibility reads the level from who is addressed. Where Public is nowhere, the
// author's followers and known collections of members tell followers-only and
// members-only from direct; who the members are is decided when somebody reads.
func visibility(a document.Audience, author *coop.Account, members []coop.IRI) coop.Visibility {
	switch a.Visibility() {
	case document.Everyone:
		return coop.VisiblePublic
	case document.Unlisted:
		return coop.VisibleUnlisted
	}
	if author.Followers != "" && a.Has(string(author.Followers)) {
		return coop.VisibleFollowers
	}
	for _, m := range append(members, author.Members) {
		if m != "" && a.Has(string(m)) {
			return coop.VisibleMembers
		}
	}
	return coop.VisibleDirect
}
