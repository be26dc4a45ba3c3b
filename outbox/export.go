// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"io"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// Export writes what an account has of a kind as a file of package carry, oldest first
// where that matters to nobody, newest first elsewhere. What is gone is left out: nobody
// could take it in.
func (o *Outbox) Export(ctx context.Context, w io.Writer, a *coop.Account, kind carry.Kind) error {
	out, err := carry.NewWriter(w, kind)
	if err != nil {
		return err
	}
	if err := o.exportRows(ctx, a, kind, out.Write); err != nil {
		return fmt.Errorf("export %s of %s: %w", kind, a.IRI, err)
	}
	return out.Close()
}

// exportRows hands each row of a kind to give.
func (o *Outbox) exportRows(ctx context.Context, a *coop.Account, kind carry.Kind, give func(carry.Row) error) error {
	switch kind {
	case carry.Following:
		return o.exportFollows(ctx, a, give)
	case carry.Lists:
		return o.exportLists(ctx, a, give)
	case carry.Blocks:
		return o.exportBlocks(ctx, a, give)
	case carry.Mutes:
		return o.exportMutes(ctx, a, give)
	case carry.Servers:
		return o.exportServers(ctx, a, give)
	case carry.Bookmarks:
		return o.exportBookmarks(ctx, a, give)
	}
	return &coop.InvalidError{Field: "kind", Code: coop.CodeUnknown, Problem: "is one of following, lists, blocks, mutes, domain_blocks and bookmarks"}
}

// exportPage is how much is read at once.
const exportPage = 500

// walk reads a list page by page, newest first; look gives the id of each entry, which
// pages are cut by.
func walk[T any](page func(p coop.Page) ([]T, error), look func(T) (coop.ID, error)) error {
	for p := (coop.Page{Limit: exportPage}); ; {
		list, err := page(p)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, one := range list {
			if p.Max, err = look(one); err != nil {
				return err
			}
		}
		if len(list) < exportPage {
			return nil
		}
	}
}

// handle is an account as files name it.
func (o *Outbox) handle(a *coop.Account) string { return a.Handle(o.o.Local.AccountDomain).String() }

func (o *Outbox) exportFollows(ctx context.Context, a *coop.Account, give func(carry.Row) error) error {
	return walk(func(p coop.Page) ([]*coop.Follow, error) {
		list, err := o.store.Following(ctx, a.ID, "", p)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		return list, o.exportOptions(ctx, a, list, give)
	}, func(f *coop.Follow) (coop.ID, error) { return f.ID, nil })
}

// exportOptions writes a page of follows with what is wanted of each.
func (o *Outbox) exportOptions(ctx context.Context, a *coop.Account, list []*coop.Follow, give func(carry.Row) error) error {
	var ids []coop.ID
	for _, f := range list {
		ids = append(ids, f.Target.ID)
	}
	known, err := o.store.Relationships(ctx, a.ID, ids, true)
	if err != nil {
		return err
	}
	for _, f := range list {
		row := carry.Row{Target: o.handle(f.Target), Boosts: true}
		if r := known[f.Target.ID]; r != nil {
			row.Boosts, row.Bell, row.Languages = r.Options.Boosts, r.Options.Bell, r.Options.Languages
		}
		if err := give(row); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) exportLists(ctx context.Context, a *coop.Account, give func(carry.Row) error) error {
	lists, err := o.store.Lists(ctx, a.ID)
	if err != nil {
		return err
	}
	for _, l := range lists {
		err := walk(func(p coop.Page) ([]storage.ListEntry, error) {
			return o.store.ListAccounts(ctx, a.ID, l.ID, p)
		}, func(e storage.ListEntry) (coop.ID, error) {
			return e.ID, give(carry.Row{List: l.Title, Target: o.handle(e.Account)})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) exportBlocks(ctx context.Context, a *coop.Account, give func(carry.Row) error) error {
	return walk(func(p coop.Page) ([]storage.BlockEntry, error) {
		return o.store.Blocks(ctx, a.ID, p)
	}, func(b storage.BlockEntry) (coop.ID, error) {
		return b.ID, give(carry.Row{Target: o.handle(b.Account)})
	})
}

func (o *Outbox) exportMutes(ctx context.Context, a *coop.Account, give func(carry.Row) error) error {
	return walk(func(p coop.Page) ([]coop.Mute, error) {
		return o.store.Mutes(ctx, a.ID, p)
	}, func(m coop.Mute) (coop.ID, error) {
		return m.ID, give(carry.Row{Target: o.handle(m.Target), Hide: m.Notifications})
	})
}

func (o *Outbox) exportServers(ctx context.Context, a *coop.Account, give func(carry.Row) error) error {
	return walk(func(p coop.Page) ([]coop.ServerBlock, error) {
		return o.store.ServerBlocks(ctx, a.ID, p)
	}, func(b coop.ServerBlock) (coop.ID, error) {
		return b.ID, give(carry.Row{Target: b.Host})
	})
}

func (o *Outbox) exportBookmarks(ctx context.Context, a *coop.Account, give func(carry.Row) error) error {
	for p := (coop.Page{Limit: exportPage}); ; {
		marked, err := o.store.Bookmarked(ctx, a.ID, p)
		if err != nil {
			return err
		}
		for _, post := range marked.Posts {
			if err := give(carry.Row{Target: string(post.IRI)}); err != nil {
				return err
			}
		}
		if marked.Last == 0 {
			return nil
		}
		p.Max = marked.Last
	}
}
