// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/signature"
	"minga/outbox"
)

// verifyCommand is `minga verify`: what a member of a team, or anybody whom it gave the
// archive to, needs to know who wrote what. It asks nobody: the keys stand in the archive,
// or in the file that --keys names, such as the actor document of who signed.
type verifyCommand struct {
	File string   `arg:"" type:"path" help:"An archive of a team (.zip), or one document (.json)."`
	Keys []string `type:"path" help:"Files with keys or actor documents that are trusted instead of those in the archive."`
}

// mostVerified bounds an archive: its files, and the bytes of each and of all.
const (
	mostVerified      = 20_000
	mostVerifiedFile  = 16 << 20
	mostVerifiedBytes = 1 << 30
)

// verified is what is said of one document.
type verified struct {
	Path  string `json:"path"`
	ID    string `json:"id,omitempty"`
	By    string `json:"by,omitempty"`
	Key   string `json:"key,omitempty"`
	State string `json:"state"` // verified, bad, unsigned, no key, not json
	Made  string `json:"made_at,omitempty"`
	Error string `json:"error,omitempty"`
}

// Run verifies and fails where a proof is bad or missing.
func (v verifyCommand) Run(t *terminal) error {
	files, err := readArchive(v.File)
	if err != nil {
		return err
	}
	keys, err := v.keys(files)
	if err != nil {
		return err
	}
	var rows []verified
	bad := 0
	for _, f := range files {
		if !strings.HasSuffix(f.path, ".json") || f.path == outbox.ArchiveKeys || f.path == "room.json" {
			continue
		}
		row := verifyDocument(f.path, f.body, keys)
		if rows = append(rows, row); row.State != "verified" {
			bad++
		}
	}
	rows = append(rows, changedFiles(files, &bad)...)
	err = t.print(rows, func(w io.Writer) {
		for _, row := range rows {
			fmt.Fprintf(w, "%-9s %s  %s  %s\n", row.State, row.Path, printable(row.By), row.Error)
		}
		fmt.Fprintf(w, "%d of %d verified\n", len(rows)-bad, len(rows))
	})
	if err == nil && (bad > 0 || len(rows) == 0) {
		err = fmt.Errorf("%d of %d documents are not proven: %w", bad, len(rows), coop.ErrConflict)
	}
	return err
}

// archived is one file of an archive.
type archived struct {
	path string
	body []byte
}

// readArchive reads a zip file, or one document, within the bounds.
func readArchive(path string) ([]archived, error) {
	if !strings.HasSuffix(strings.ToLower(path), ".zip") {
		body, err := readBounded(path)
		return []archived{{path, body}}, err
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { _ = z.Close() }()
	var files []archived
	var total int64
	for _, f := range z.File[:min(len(z.File), mostVerified)] {
		if f.FileInfo().IsDir() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		body, err := io.ReadAll(io.LimitReader(r, mostVerifiedFile+1))
		_ = r.Close()
		if total += int64(len(body)); err == nil && (len(body) > mostVerifiedFile || total > mostVerifiedBytes) {
			err = coop.ErrTooLarge
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		files = append(files, archived{f.Name, body})
	}
	return files, nil
}

// readBounded reads one file.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	body, err := io.ReadAll(io.LimitReader(f, mostVerifiedFile+1))
	if err == nil && len(body) > mostVerifiedFile {
		err = fmt.Errorf("%s: %w", path, coop.ErrTooLarge)
	}
	return body, err
}

// provenKey is a key and who lists it.
type provenKey struct {
	key   ed25519.PublicKey
	owner string
}

// keys are those that are trusted: of the files that were named, else of the archive.
func (v verifyCommand) keys(files []archived) (map[string]provenKey, error) {
	keys := map[string]provenKey{}
	for _, path := range v.Keys {
		body, err := readBounded(path)
		if err != nil {
			return nil, err
		}
		takeKeys(keys, body)
	}
	if len(v.Keys) > 0 {
		return keys, nil
	}
	for _, f := range files {
		if f.path == outbox.ArchiveKeys {
			takeKeys(keys, f.body)
		}
	}
	return keys, nil
}

// takeKeys reads a list of keys, or the assertionMethod of an actor.
func takeKeys(keys map[string]provenKey, body []byte) {
	var list []outbox.ArchivedKey
	if json.Unmarshal(body, &list) != nil {
		var actor struct {
			Methods []outbox.ArchivedKey `json:"assertionMethod"`
		}
		if json.Unmarshal(body, &actor) != nil {
			return
		}
		list = actor.Methods
	}
	for _, k := range list {
		if key, err := signature.ParseMultikey(k.Multibase); err == nil {
			keys[k.ID] = provenKey{key, k.Controller}
		}
	}
}

// verifyDocument holds one document against its own proof.
func verifyDocument(path string, body []byte, keys map[string]provenKey) verified {
	row := verified{Path: path}
	doc, err := document.Read(body)
	if err != nil {
		row.State, row.Error = "not json", err.Error()
		return row
	}
	row.ID, row.By = doc.ID(), doc.Owner()
	proof, err := signature.ReadProof(body)
	switch {
	case err != nil:
		row.State, row.Error = "bad", err.Error()
		return row
	case proof == nil:
		row.State = "unsigned"
		return row
	}
	row.Key, row.Made = proof.Method(), stamp(proof.Created())
	known, ok := keys[proof.Method()]
	switch {
	case !ok:
		row.State, row.Error = "no key", proof.Method()
		return row
	case known.owner != row.By || !proof.SameOrigin(row.By):
		row.State, row.Error = "bad", "the key is not its author's"
		return row
	}
	if _, err := proof.Verify(known.key, row.By); err != nil {
		row.State, row.Error = "bad", err.Error()
		return row
	}
	row.State = "verified"
	return row
}

// changedFiles holds the files of an archive that carry no proof of their own against the
// list of it: what was changed or is missing.
func changedFiles(files []archived, bad *int) []verified {
	var room struct {
		Documents []outbox.ArchivedDocument `json:"documents"`
	}
	bodies := map[string][]byte{}
	for _, f := range files {
		bodies[f.path] = f.body
	}
	if json.Unmarshal(bytes.TrimSpace(bodies["room.json"]), &room) != nil {
		return nil
	}
	var rows []verified
	for _, d := range room.Documents {
		body, there := bodies[d.Path]
		sum := sha256.Sum256(body)
		if there && hex.EncodeToString(sum[:]) == d.SHA256 {
			continue
		}
		*bad++
		rows = append(rows, verified{Path: d.Path, ID: d.ID, By: d.By, State: "bad", Error: errors.New("not as the archive lists it").Error()})
	}
	return rows
}
