// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http/httptest"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/web/auth"
)

// asker is who asks a route, as the route knows them. Pages know nobody: neither by a
// token nor by a signature.
func asker(route auth.Route, a ask, r *reader) (v coop.Viewer, asks bool) {
	switch {
	case route.Access == auth.Token, route.Access == auth.Optional, route.Access == auth.App:
		return r.viewer, !r.wire
	case a.accept != "" && r.wire:
		return r.viewer, true
	default:
		return coop.Anonymous(), r.name == "anonymous" || r.name == "follower"
	}
}

// refusal is what a reader gets whatever it asks for; 0: an answer.
func refusal(route auth.Route, r *reader) int {
	switch {
	case route.Access != auth.Token && route.Access != auth.Optional && route.Access != auth.App:
		return 0
	case r.refused != 0:
		return r.refused
	case r.token == "" && route.Access != auth.Optional:
		return 401
	case r.name == "app" && route.Access == auth.Token, r.narrow && route.Scope != "":
		return 403
	}
	return 0
}

// fill puts a thing, and what the matrix has, into the path of a question.
func (m *matrix) fill(a ask, x *thing) string {
	return strings.NewReplacer(
		"{id}", x.id, "{iri}", x.iri, "{object}", strings.TrimPrefix(x.iri, "https://coop.example"), "{word}", x.word,
		"{telar}", m.telar.ID.String(), "{noa}", m.noa.ID.String(), "{carla}", m.carla.ID.String(), "{root}", m.root.ID.String(),
		"{list}", m.list, "{rootPath}", strings.TrimPrefix(string(m.root.IRI), "https://coop.example"),
		"{follower}", m.reader("follower").account.ID.String(), "{blocked}", m.reader("blocked").account.ID.String(), "{federation}", m.federation.ID.String(),
	).Replace(a.path)
}

// get asks as a reader: with its token, or signed.
func (m *matrix) get(at string, r *reader, a ask) *httptest.ResponseRecorder {
	q := httptest.NewRequest("GET", "https://coop.example"+at, nil)
	if r.token != "" {
		q.Header.Set("Authorization", "Bearer "+r.token)
	}
	if a.accept != "" {
		q.Header.Set("Accept", a.accept)
	}
	if r.wire {
		key := signature.PrivateKey{ID: string(r.account.IRI) + "#main-key", Signer: m.key}
		m.must(signature.Sign(q, nil, key, signature.Cavage, time.Now()))
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, q)
	return w
}
