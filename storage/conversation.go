// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// conversationRow is a conversation before its post is read.
type conversationRow struct {
	coop.Conversation
	last, author, read coop.ID
}

// Conversations lists the threads of direct posts that an account is part of, by the
// newest post that came. One of whose posts the account may see none any more is left
// out.
func (r reader) Conversations(ctx context.Context, account coop.ID, page coop.Page) ([]coop.Conversation, error) {
	a := args{int64(account)}
	p := a.page("c.last_id", page)
	rows, err := r.conversationRows(ctx, account, p.where, p.order, a)
	var list []coop.Conversation
	if err == nil {
		list, err = r.wholeConversations(ctx, account, newestFirst(p, rows))
	}
	if err != nil {
		return nil, fmt.Errorf("conversations of %s: %w", account, err)
	}
	return list, nil
}

// Conversation finds one of the account, or gives [coop.ErrNotFound].
func (r reader) Conversation(ctx context.Context, account, id coop.ID) (coop.Conversation, error) {
	a := args{int64(account)}
	rows, err := r.conversationRows(ctx, account, "c.id = "+a.add(int64(id)), "", a)
	var list []coop.Conversation
	if err == nil {
		list, err = r.wholeConversations(ctx, account, rows)
	}
	if err == nil && len(list) == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return coop.Conversation{}, fmt.Errorf("conversation %s: %w", id, err)
	}
	return list[0], nil
}

// conversationRows asks for conversations of the account $1, with the newest post of
// each that the account may see now.
func (r reader) conversationRows(ctx context.Context, account coop.ID, where, order string, a args) ([]conversationRow, error) {
	return all(ctx, r, scanConversation, `
		SELECT c.id, c.last_id, c.read_id, last.id, last.author_id
		FROM conversations c
		JOIN posts last ON last.id = (
			SELECT p.id
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			WHERE p.thread = c.thread AND p.visibility = 'direct' AND NOT p.draft AND `+r.visible(&a, Seeing(ctx, account))+`
			ORDER BY p.id DESC
			LIMIT 1)
		WHERE c.account_id = $1 AND `+where+`
		`+order, a...)
}

// scanConversation reads a row of conversationRows.
func scanConversation(row pgx.CollectableRow) (c conversationRow, err error) {
	var id, newest, read, last, author int64
	err = row.Scan(&id, &newest, &read, &last, &author)
	c.ID, c.Newest, c.read, c.last, c.author = coop.ID(id), coop.ID(newest), coop.ID(read), coop.ID(last), coop.ID(author)
	return c, err
}

// wholeConversations gives conversations their posts and accounts, each by one
// statement.
func (r reader) wholeConversations(ctx context.Context, account coop.ID, rows []conversationRow) ([]coop.Conversation, error) {
	ids := make([]coop.ID, len(rows))
	for i, c := range rows {
		ids[i] = c.last
	}
	posts, err := r.PostsByID(ctx, Seeing(ctx, account), ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[coop.ID]*coop.Post, len(posts))
	for _, p := range posts {
		byID[p.ID] = p
	}
	parts, known, err := r.participants(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]coop.Conversation, 0, len(rows))
	for _, c := range rows {
		if c.Last = byID[c.last]; c.Last == nil {
			continue
		}
		c.Unread = c.author != account && c.last > c.read
		c.Accounts = others(account, parts[c.last], known)
		list = append(list, c.Conversation)
	}
	return list, nil
}

// participants are the authors of direct posts and whom they name.
func (r reader) participants(ctx context.Context, posts []coop.ID) (map[coop.ID][]coop.ID, map[coop.ID]*coop.Account, error) {
	parts, everybody := map[coop.ID][]coop.ID{}, []coop.ID{}
	for some := range slices.Chunk(unique(posts), mostIn) {
		var a args
		ids := in(&a, numbers(some))
		list, err := all(ctx, r, scanBranch, `
			SELECT p.id, p.author_id FROM posts p WHERE p.id IN `+ids+`
			UNION ALL
			SELECT n.post_id, n.account_id FROM post_addressees n WHERE n.account_id <> 0 AND n.post_id IN `+ids+`
			ORDER BY 1, 2`, a...)
		if err != nil {
			return nil, nil, err
		}
		for _, b := range list {
			parts[b.id], everybody = append(parts[b.id], b.parent), append(everybody, b.parent)
		}
	}
	known, err := r.Accounts(ctx, everybody)
	return parts, known, err
}

// others are the accounts besides one, or that one where it writes to itself.
func others(account coop.ID, ids []coop.ID, known map[coop.ID]*coop.Account) []*coop.Account {
	list := inOrder(unique(ids), known)
	with := slices.DeleteFunc(slices.Clone(list), func(a *coop.Account) bool { return a.ID == account || a.Gone() })
	if len(with) == 0 {
		return list
	}
	return with
}

// ReadConversation notes that an account read a conversation to its end; one that is
// not its own is [coop.ErrNotFound].
func (tx *Tx) ReadConversation(ctx context.Context, account, id coop.ID) error {
	n, err := tx.exec(ctx, `
		UPDATE conversations
		SET read_id = last_id
		WHERE id = $1 AND account_id = $2`, int64(id), int64(account))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("read conversation %s: %w", id, err)
	}
	return nil
}

// RemoveConversation takes a conversation out of the account's list until another post
// comes; its posts stay. One that is not its own is [coop.ErrNotFound].
func (tx *Tx) RemoveConversation(ctx context.Context, account, id coop.ID) error {
	n, err := tx.exec(ctx, `DELETE FROM conversations WHERE id = $1 AND account_id = $2`, int64(id), int64(account))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("remove conversation %s: %w", id, err)
	}
	return nil
}

// noteConversation puts a direct post into the conversations of the accounts of this
// instance that wrote it or are named in it.
func (tx *Tx) noteConversation(ctx context.Context, p *coop.Post, _ Arrival) error {
	if p.Visibility != coop.VisibleDirect || isDraft(p) {
		return nil
	}
	who, err := all(ctx, tx.reader, scanID, `
		SELECT a.id
		FROM accounts a
		WHERE a.local AND (a.id = $1 OR a.id IN (SELECT n.account_id FROM post_addressees n WHERE n.post_id = $2))
		ORDER BY a.id
		LIMIT $3`, int64(p.AuthorID), int64(p.ID), mostTold)
	if err != nil {
		return fmt.Errorf("conversation: %w", err)
	}
	for _, account := range who {
		if err := tx.joinConversation(ctx, p, account); err != nil {
			return fmt.Errorf("conversation: %w", err)
		}
	}
	return nil
}

// joinConversation puts a post into the conversation of one account. What it wrote
// itself it has read.
func (tx *Tx) joinConversation(ctx context.Context, p *coop.Post, account coop.ID) error {
	read := coop.ID(0)
	if account == p.AuthorID {
		read = p.ID
	}
	id, err := tx.NextID(ctx, tx.e.now())
	if err != nil {
		return err
	}
	joined, err := first(ctx, tx.reader, scanID, `
		INSERT INTO conversations (id, account_id, thread, last_id, read_id)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (thread, account_id) DO UPDATE
		SET last_id = GREATEST(conversations.last_id, $4), read_id = GREATEST(conversations.read_id, $5)
		RETURNING id`,
		int64(id), int64(account), cleanText(string(p.Thread)), int64(p.ID), int64(read))
	if err != nil {
		return err
	}
	tx.changed(coop.Change{Kind: coop.ChangeConversation, ID: joined, Post: p.ID, Account: account})
	return nil
}

// moveConversations gives conversations their thread, where its answers came before
// what they answer: the one that is there already takes the other in.
func (tx *Tx) moveConversations(ctx context.Context, from []string, to coop.IRI) error {
	thread := cleanText(string(to))
	for _, old := range from {
		if old == thread {
			continue
		}
		for _, sql := range movesConversations {
			if _, err := tx.exec(ctx, sql, old, thread); err != nil {
				return fmt.Errorf("conversation: %w", err)
			}
		}
	}
	return nil
}

// movesConversations are the steps from the thread $1 to $2.
var movesConversations = []string{
	`UPDATE conversations
	SET last_id = GREATEST(last_id, (SELECT o.last_id FROM conversations o WHERE o.thread = $1 AND o.account_id = conversations.account_id)),
		read_id = GREATEST(read_id, (SELECT o.read_id FROM conversations o WHERE o.thread = $1 AND o.account_id = conversations.account_id))
	WHERE thread = $2 AND EXISTS (SELECT 1 FROM conversations o WHERE o.thread = $1 AND o.account_id = conversations.account_id)`,
	`DELETE FROM conversations
	WHERE thread = $1 AND EXISTS (SELECT 1 FROM conversations o WHERE o.thread = $2 AND o.account_id = conversations.account_id)`,
	`UPDATE conversations SET thread = $2 WHERE thread = $1`,
}
