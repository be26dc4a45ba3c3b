// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"minga/coop"
	"minga/federation/vocabulary"
)

// keysIn reads the keys of an example, which are its own.
func keysIn(t *testing.T, file string) (vocabulary.Key, string) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "wire", file))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		PublicKey struct {
			PEM string `json:"publicKeyPem"`
		} `json:"publicKey"`
		Methods []struct {
			Multibase string `json:"publicKeyMultibase"`
		} `json:"assertionMethod"`
		Published string `json:"published"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	return vocabulary.Key{PEM: doc.PublicKey.PEM, Multikeys: []vocabulary.Multikey{{Multibase: doc.Methods[0].Multibase}}}, doc.Published
}

func TestWireActors(t *testing.T) {
	o := bareOutbox(t, "fed-sur.example")
	lat, long := -32.95, -60.66
	coopActor := telar(o)
	coopActor.Domains, coopActor.Featured = nil, "" // the example says neither
	coopActor.Bio, coopActor.Jobs, coopActor.Knowledge = "<p>Web y datos para servicios públicos.</p>", below(coopActor.IRI, "jobs"), below(coopActor.IRI, "knowledge")
	coopActor.MemberOf = []coop.IRI{sur + "/federation", norte + "/federation"}
	coopActor.Fields = []coop.Field{{Name: "Web", Value: `<a href="https://telar.coop.example" rel="me">telar.coop.example</a>`}}
	coopActor.Coop = &coop.CoopFacts{
		Type: "http://purl.org/essglobal/standard/organisational-structure/OS60", MembershipBase: "http://purl.org/essglobal/standard/base-membership-type/BMT30",
		Founded: "2014-05-02", Members: 11, Workers: -1, Evidence: []coop.IRI{"https://telar.coop.example/.well-known/minga-coop"},
		Place: &coop.Place{Name: "Rosario, AR", Locality: "Rosario", Region: "AR-S", Country: "AR", Latitude: &lat, Longitude: &long},
	}
	board := o.local(coop.Board, "jobs")
	board.ActorType, board.DisplayName, board.Discoverable, board.Indexable = "Group", "Federación Sur: trabajo", true, true
	board.Bio = "<p>El tablero de trabajo de la Federación Sur. Publican las cooperativas socias.</p>"
	for _, tt := range []struct {
		file    string
		account *coop.Account
	}{
		{"02-coop-actor.json", coopActor},
		{"19-board-actor.json", board},
		{"22-instance-actor.json", o.instance()},
	} {
		doc := o.actor(tt.account)
		var at string
		doc.Key, at = keysIn(t, tt.file)
		doc.Published = day(at)
		body, err := vocabulary.Encode(doc.Members(), vocabulary.Actor)
		if err != nil {
			t.Fatal(err)
		}
		same(t, tt.file, body)
	}
}
