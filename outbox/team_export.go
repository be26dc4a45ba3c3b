// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"archive/zip"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/signature"
	"minga/storage"
)

// The archive of a team: what its members wrote and agreed to, each document in the bytes
// in which it was sent, with the keys that their proofs name (FEP-8b32), so that anybody
// can verify it without any of the servers; and a page to read it by.

// ArchivedKey is a public key in the archive of a team, as actors list theirs.
type ArchivedKey struct {
	ID         string `json:"id"`
	Type       string `json:"type"` // Multikey
	Controller string `json:"controller"`
	Multibase  string `json:"publicKeyMultibase"`
}

// ArchivedDocument is one file of the archive.
type ArchivedDocument struct {
	Path   string `json:"path"`
	ID     string `json:"id"`
	By     string `json:"by,omitempty"`
	Kind   string `json:"kind"` // message, plan, split, agreement, consent, file
	State  string `json:"state,omitempty"`
	SHA256 string `json:"sha256"`
}

// teamArchive is room.json.
type teamArchive struct {
	Team      string             `json:"team"`
	Name      string             `json:"name"`
	Members   []string           `json:"members"`
	Exported  time.Time          `json:"exported_at"`
	Server    string             `json:"by_server"`
	Documents []ArchivedDocument `json:"documents"`
}

// Names of files in the archive.
const (
	ArchiveKeys  = "keys.json"
	archiveRoom  = "room.json"
	archivePage  = "index.html"
	mostArchived = 10_000
)

// teamExport is one export on its way.
type teamExport struct {
	o     *Outbox
	zip   *zip.Writer
	room  teamArchive
	names map[string]string // of accounts, by their id
	keys  []ArchivedKey
	told  map[coop.IRI]bool // whose keys are in
}

// ExportTeam writes the archive of a team as a zip file; open gives the bytes of a file of
// the room by its name in the library. Whether who asks may is for the caller to know. It
// needs no other server: what is here of a team elsewhere stays when that is gone.
func (o *Outbox) ExportTeam(ctx context.Context, w io.Writer, team coop.ID, open func(ctx context.Context, sealed string) ([]byte, error)) error {
	t, err := o.store.Team(ctx, team)
	if err != nil {
		return err
	}
	e := &teamExport{o: o, zip: zip.NewWriter(w), names: map[string]string{}, told: map[coop.IRI]bool{}}
	if err := e.fill(ctx, t, open); err != nil {
		return fmt.Errorf("export team %s: %w", t.Account.IRI, err)
	}
	return e.zip.Close()
}

// fill writes every file.
func (e *teamExport) fill(ctx context.Context, t *coop.Room, open func(context.Context, string) ([]byte, error)) error {
	if err := e.begin(ctx, t); err != nil {
		return err
	}
	said, err := e.o.store.SaidInRoom(ctx, t.ID, mostArchived)
	if err != nil {
		return err
	}
	for n, d := range said {
		if err := e.document(ctx, fmt.Sprintf("messages/%05d.json", n+1), "message", "", d.Body); err != nil {
			return err
		}
	}
	records, err := e.o.store.Records(ctx, t.ID, "")
	if err != nil {
		return err
	}
	for n, r := range records {
		if err := e.record(ctx, n+1, r, open); err != nil {
			return err
		}
	}
	return e.finish(ctx, t)
}

// begin notes who is in.
func (e *teamExport) begin(ctx context.Context, t *coop.Room) error {
	e.room = teamArchive{Team: string(t.Account.IRI), Name: t.Account.DisplayName, Exported: e.o.now().UTC(), Server: e.o.o.Local.root(), Documents: []ArchivedDocument{}}
	q := storage.MembershipQuery{Organization: t.ID, States: []coop.MembershipState{coop.MembershipMember}}
	list, err := walkMemberships(ctx, e.o.store, q)
	for _, m := range list {
		e.room.Members = append(e.room.Members, string(m.Member.IRI))
		e.names[string(m.Member.IRI)] = shownName(m.Member)
	}
	return err
}

// document writes a document in its own bytes and the keys of who proved it.
func (e *teamExport) document(ctx context.Context, path, kind, state string, body []byte) error {
	doc, err := document.Read(body)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	by := coop.IRI(doc.Owner())
	if err := e.tell(ctx, by); err != nil {
		return err
	}
	return e.file(ArchivedDocument{Path: path, ID: doc.ID(), By: string(by), Kind: kind, State: state}, body)
}

// record writes what is kept beside the messages.
func (e *teamExport) record(ctx context.Context, n int, r *coop.Record, open func(context.Context, string) ([]byte, error)) error {
	if r.Kind != coop.RecordFile {
		return e.document(ctx, fmt.Sprintf("%ss/%05d.json", r.Kind, n), string(r.Kind), r.Title, r.Body)
	}
	if r.Sealed == "" {
		return nil // it was not to be had
	}
	body, err := open(ctx, r.Sealed)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	path := fmt.Sprintf("files/%05d-%s.pdf", n, fileName(r.Title))
	return e.file(ArchivedDocument{Path: path, ID: string(r.IRI), By: string(r.Author), Kind: "file"}, body)
}

// fileName is a title as the name of a file.
func fileName(title string) string {
	name := coop.TeamName(strings.TrimSuffix(strings.ToLower(title), ".pdf"))
	if name == "" {
		return "file"
	}
	return name
}

// file writes one file and lists it.
func (e *teamExport) file(d ArchivedDocument, body []byte) error {
	sum := sha256.Sum256(body)
	d.SHA256 = hex.EncodeToString(sum[:])
	e.room.Documents = append(e.room.Documents, d)
	return e.write(d.Path, body)
}

func (e *teamExport) write(path string, body []byte) error {
	w, err := e.zip.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: e.room.Exported})
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

// tell notes the keys by which an account's proofs are verified, and its name.
func (e *teamExport) tell(ctx context.Context, who coop.IRI) error {
	if who == "" || e.told[who] {
		return nil
	}
	e.told[who] = true
	a, err := e.o.store.AccountByIRI(ctx, who)
	if err := storeMissing(err); err != nil {
		return err
	}
	if err == nil {
		e.names[string(who)] = shownName(a)
	}
	if err == nil && a.Local {
		pair, err := e.o.keysOf(ctx, e.o.store, a.ID)
		if err != nil {
			return err
		}
		if public, ok := pair.ed.Signer.Public().(ed25519.PublicKey); ok {
			e.keys = append(e.keys, ArchivedKey{pair.ed.ID, "Multikey", string(who), signature.EncodeMultikey(public)})
		}
		for _, k := range pair.listed {
			e.keys = append(e.keys, ArchivedKey{k.ID, "Multikey", string(who), k.Multibase})
		}
		return nil
	}
	known, err := e.o.store.RemoteKeys(ctx, who)
	for _, k := range known {
		if strings.HasPrefix(k.Material, "z") {
			e.keys = append(e.keys, ArchivedKey{k.ID, "Multikey", string(who), k.Material})
		}
	}
	return err
}

// storeMissing is nil for who is not kept here any more.
func storeMissing(err error) error {
	if isNotFound(err) {
		return nil
	}
	return ignoreGone(err)
}

// finish writes what lists and shows the rest.
func (e *teamExport) finish(ctx context.Context, t *coop.Room) error {
	for path, value := range map[string]any{archiveRoom: e.room, ArchiveKeys: e.keys} {
		body, err := json.MarshalIndent(value, "", " ")
		if err != nil {
			return err
		}
		if err := e.write(path, body); err != nil {
			return err
		}
	}
	page, err := e.page(ctx, t)
	if err != nil {
		return err
	}
	return e.write(archivePage, page)
}
