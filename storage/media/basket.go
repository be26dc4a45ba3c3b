// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"io"

	"minga/coop"
)

// What can be wrong with a file of a basket.
const (
	BasketMany  = "many"  // more files than it holds
	BasketLarge = "large" // one is too large
	BasketKind  = "kind"  // one is no PDF
	BasketFull  = "full"  // the disk has no room
)

// Basket keeps the PDF files of one form, sealed as they come, so that none lies readable
// anywhere, nor in memory. What is kept the caller drops unless a row names it.
type Basket struct {
	Most  int   // files
	Large int64 // bytes of a file

	Files   []Sealed
	Problem string // what is wrong with the files; empty: nothing is
}

// Take keeps one file; what is wrong with it is noted, and the rest of it read all the
// same: a browser that is interrupted shows no answer. An error is that of a body that
// broke off, or a fault of ours.
func (b *Basket) Take(ctx context.Context, l *Library, called string, body io.Reader) error {
	defer func() { _, _ = io.Copy(io.Discard, body) }()
	if called == "" || b.Problem != "" {
		return nil // an empty field
	}
	if l == nil || len(b.Files) == b.Most {
		b.Problem = BasketMany
		return nil
	}
	kept, err := l.KeepSealed(ctx, called, body, b.Large)
	var invalid *coop.InvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Code == coop.CodeRange:
		b.Problem = BasketLarge
	case errors.As(err, &invalid):
		b.Problem = BasketKind
	case errors.Is(err, coop.ErrFull):
		b.Problem = BasketFull
	case err != nil:
		return err
	default:
		b.Files = append(b.Files, kept)
	}
	return nil
}

// Drop removes the files of a form that was not taken.
func (b *Basket) Drop(ctx context.Context, l *Library) {
	for _, file := range b.Files {
		l.DropSealed(ctx, file.Name)
	}
	b.Files = nil
}

// Records are the files as the room of a team keeps them; contract says that they are the
// client's contract.
func (b *Basket) Records(contract bool) []coop.Record {
	list := make([]coop.Record, 0, len(b.Files))
	for _, kept := range b.Files {
		list = append(list, coop.Record{Title: kept.Title, Sealed: kept.Name, Size: kept.Size, Contract: contract})
	}
	return list
}
