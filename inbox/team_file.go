// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"minga/coop"
	"minga/storage"
	"minga/storage/media"
)

// files keeps what came of the files of teams, sealed. Declared here, where it is needed.
type files interface {
	KeepSealed(ctx context.Context, called string, body io.Reader, most int64) (media.Sealed, error)
	DropSealed(ctx context.Context, names ...string)
}

// teamFilePath is where a server serves the files of its teams' members.
const teamFilePath = "/team-files/"

// mostFiles is how many files one message may bring.
const mostFiles = 10

// keepRoomFiles notes the files of a message, and lets each be fetched: a copy lies at
// every member.
func (in *Inbox) keepRoomFiles(ctx context.Context, tx *storage.Tx, room *coop.Account, post *coop.Post) error {
	for _, a := range post.Attachments[:min(len(post.Attachments), mostFiles)] {
		iri := coop.IRI(a.URL)
		if a.MediaType != "application/pdf" || !sameOrigin(iri, post.Author.IRI) || !strings.Contains(a.URL, teamFilePath) {
			continue
		}
		record := &coop.Record{
			TeamID: room.ID, Kind: coop.RecordFile, IRI: iri, Author: post.Author.IRI, PostID: post.ID, Title: coop.CleanLine(a.Alt, 200), MediaType: a.MediaType,
		}
		err := tx.PutRecord(ctx, record)
		if errors.Is(err, coop.ErrConflict) {
			continue // it names a file of another room, or of somebody else
		}
		if err != nil {
			return err
		}
		if err := in.addTask(ctx, tx, taskTeamFile, string(iri), in.now(), teamFile{IRI: iri}); err != nil {
			return err
		}
	}
	return nil
}

// teamFile is the payload of the task. What one server does not give now, since it does
// not know yet who is in the team, it may give later.
type teamFile struct {
	IRI   coop.IRI `json:"iri"`
	Tries int      `json:"tries,omitempty"`
}

// runTeamFile fetches a file of a room from who sent it, else from the team's server,
// which has a copy, and keeps it sealed.
func (in *Inbox) runTeamFile(ctx context.Context, t storage.Task) (*again, error) {
	file, err := decode[teamFile](t)
	if err != nil {
		return nil, err
	}
	record, err := in.store.Record(ctx, coop.System(), file.IRI)
	if err != nil || record.Sealed != "" || in.o.Files == nil {
		return nil, err
	}
	body, err := in.fetchTeamFile(ctx, record)
	if file.Tries++; err != nil && file.Tries < maxTaskAttempts && ctx.Err() == nil {
		return &again{at: in.now().Add(backoff(file.Tries)), payload: file}, nil
	}
	if err != nil {
		return nil, err
	}
	kept, err := in.o.Files.KeepSealed(ctx, "file.pdf", bytes.NewReader(body), coop.MaxTeamFile)
	if err != nil {
		return nil, err
	}
	taken := false
	err = in.store.Write(ctx, func(tx *storage.Tx) (err error) {
		taken, err = tx.RecordFetched(ctx, record.ID, kept.Name, kept.Size)
		return err
	})
	if err != nil || !taken {
		in.o.Files.DropSealed(ctx, kept.Name)
	}
	return nil, err
}

// fetchTeamFile asks both places by signed fetches.
func (in *Inbox) fetchTeamFile(ctx context.Context, record *coop.Record) ([]byte, error) {
	if err := in.allowed(ctx, record.IRI); err != nil {
		return nil, err
	}
	page, err := in.o.Client.GetSigned(ctx, string(record.IRI), record.MediaType, coop.MaxTeamFile)
	if err == nil {
		return page.Body, nil
	}
	room, errRoom := in.store.Account(ctx, record.TeamID)
	if errRoom != nil || room.Local {
		return nil, errors.Join(fetchFault(err), errRoom)
	}
	home, errHome := url.Parse(string(room.IRI))
	if errHome != nil {
		return nil, errors.Join(fetchFault(err), errHome)
	}
	home.Path, home.RawQuery = teamFilePath+"copy", url.Values{"of": {string(record.IRI)}}.Encode()
	page, errCopy := in.o.Client.GetSigned(ctx, home.String(), record.MediaType, coop.MaxTeamFile)
	if errCopy != nil {
		return nil, errors.Join(err, errCopy)
	}
	return page.Body, nil
}
