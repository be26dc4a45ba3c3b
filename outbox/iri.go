// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"net/url"
	"strings"

	"minga/coop"
)

// root is the address of the instance without a slash at the end.
func (l Local) root() string { return l.Scheme + "://" + l.Host }

// media are where our files are kept and read.
func (l Local) media() coop.MediaPlaces { return coop.MediaPlaces{Main: l.root(), Own: l.MediaURL} }

// own tells whether an IRI is of this instance.
func (l Local) own(iri coop.IRI) bool { return iri.Host() == strings.ToLower(l.Host) }

// actor is the id of an actor by its kind and name.
func (l Local) actor(kind coop.AccountKind, name string) coop.IRI {
	path := map[coop.AccountKind]string{
		coop.Instance: "/actor", coop.Federation: "/federation", coop.Board: "/boards/" + name,
		coop.Coop: "/coops/" + name, coop.Person: "/people/" + name, coop.Team: "/teams/" + name, coop.Search: "/searches/" + name,
	}[kind]
	if path == "" {
		path = "/services/" + name
	}
	return coop.IRI(l.root() + path)
}

// profile is the page of an account.
func (l Local) profile(kind coop.AccountKind, name string) string {
	if kind == coop.Instance {
		return l.root() + "/about"
	}
	return l.root() + "/@" + name
}

// Tag is the page of a hashtag, given without its number sign: letters beyond ASCII
// percent-encoded, so that it is the same text in HTML, on the wire and in the API.
func (l Local) Tag(tag string) string {
	return l.root() + "/tags/" + url.PathEscape(strings.ToLower(tag))
}

// Shared is the inbox of all accounts together.
func (l Local) Shared() coop.IRI { return coop.IRI(l.root() + "/inbox") }

// below is an address under another.
func below(iri coop.IRI, rest string) coop.IRI { return iri + coop.IRI("/"+rest) }

// activityIRI is the id of an activity of an actor; announces have their own shelf.
func activityIRI(actor coop.IRI, kind string, id coop.ID) coop.IRI {
	shelf := "activities"
	if kind == "Announce" {
		shelf = "announces"
	}
	return below(actor, shelf+"/"+id.String())
}

// texts makes plain strings of IRIs.
func texts(iris []coop.IRI) []string {
	out := make([]string, 0, len(iris))
	for _, i := range iris {
		out = append(out, string(i))
	}
	return out
}
