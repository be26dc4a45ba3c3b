// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// Acting says who stands behind what is done with a context: a person in the name of
// a co-op or of the federation, the command line in such a name, or a person by a
// rank of the server. The gate puts it there once ([ActingAs]), and the store does
// the rest, in one place each:
//
//   - [Store.Write] adds the entry of the audit log to every transaction, so that
//     nothing is done without it, nor it without what was done;
//   - [Tx.AddPost], [Tx.UpdatePost] and [Tx.RemovePost] judge whether the roles allow
//     a post of that audience, which a gate cannot know beforehand;
//   - [Seeing] is the viewer of every question that is asked for an account alone.
type Acting struct {
	Person  coop.ID     // who acts; zero: the command line
	Who     string      // their name, as the audit log has it
	Account coop.ID     // in whose name; zero: their own, by a rank of the server
	Roles   []coop.Role // of Person in Account
	Act     string      // the word of the audit log, such as "statuses.create"; empty: nothing is done but reading
	Target  string      // an id or IRI, where the transaction names no better one
	Why     string      // the reason that was given, or empty; plain text
	From    string      // network address, or empty
}

// actingKey is the key of an [Acting] in a context.
type actingKey struct{}

// ActingAs is a context in which everything is done as said; see [Acting].
func ActingAs(ctx context.Context, a Acting) context.Context {
	return context.WithValue(ctx, actingKey{}, &a)
}

// Aside is a context for what is no act of who asks: what other servers answer and
// what is kept of it on the way. Roles go on to limit what is seen.
func Aside(ctx context.Context) context.Context {
	return changed(ctx, func(a *Acting) { a.Act = "" })
}

// Doing is a context in which who acts does what act says, where the path of a form says
// less. Nothing becomes an act that was none.
func Doing(ctx context.Context, act string) context.Context {
	return changed(ctx, func(a *Acting) { a.Act = act })
}

// Because is a context in which who acts gives that reason.
func Because(ctx context.Context, why string) context.Context {
	return changed(ctx, func(a *Acting) { a.Why = why })
}

// changed is a context in which an act is another one; without an act it is as it was.
func changed(ctx context.Context, change func(a *Acting)) context.Context {
	a := acting(ctx)
	if a == nil || a.Act == "" {
		return ctx
	}
	next := *a
	change(&next)
	return context.WithValue(ctx, actingKey{}, &next)
}

// acting is who stands behind a context; nil for anybody who acts for themselves.
func acting(ctx context.Context) *Acting {
	a, _ := ctx.Value(actingKey{}).(*Acting)
	return a
}

// speaks tells whether a person acts in the name of an account of another kind than
// their own.
func (a *Acting) speaks(account coop.ID) bool {
	return a != nil && a.Person != 0 && a.Account == account && a.Account != a.Person
}

// Seeing is who reads as an account: a person who acts in its name sees what their
// roles let them see, all others what the account does.
func Seeing(ctx context.Context, account coop.ID) coop.Viewer {
	if a := acting(ctx); a.speaks(account) {
		return coop.ViewerFor(account, a.Roles)
	}
	return coop.As(account)
}

// underKey is the key of a [coop.RoleAct] in a context.
type underKey struct{}

// Under is a context in which posts are judged as an act of its own, such as a request or
// a decision, and not by their audience: a coordinator need not be a publisher too.
func Under(ctx context.Context, act coop.RoleAct) context.Context {
	return context.WithValue(ctx, underKey{}, act)
}

// mayPost judges whether a person who acts in the author's name may write a post: of that
// audience, or of what needs a role of its own; the error is a [coop.RoleError].
func mayPost(ctx context.Context, author coop.ID, p *coop.Post) error {
	a := acting(ctx)
	if !a.speaks(author) {
		return nil
	}
	act := coop.ActPublish
	under, set := ctx.Value(underKey{}).(coop.RoleAct)
	switch {
	case set:
		act = under
	case p.Decision != nil && p.Author != nil:
		act = coop.ActDecide.In(p.Author.Kind)
	case p.Visibility == coop.VisibleDirect:
		act = coop.ActMessages
	}
	if !coop.RolesMay(a.Roles, act) {
		return &coop.RoleError{Act: act}
	}
	return nil
}

// about remembers what a transaction is about, for the entry of the audit log. A
// person's IRI stands there only for what they are shown: [AuditQuery].About.
func (tx *Tx) about(target string) {
	if tx.target == "" {
		tx.target = target
	}
}

// aboutPost is about of a post: of one that not everybody who reads the log may see it
// says that it is such a one, and not its address, which may hold words of it.
func (tx *Tx) aboutPost(p *coop.Post) {
	switch {
	case p.Visibility == coop.VisibleDirect:
		tx.about(coop.TargetDirect)
	case isDraft(p):
		tx.about(coop.TargetDraft)
	default:
		tx.about(string(p.IRI))
	}
}

// noteAct adds the entry of who stands behind a transaction, unless the transaction
// has written it itself, in words of its own.
func (tx *Tx) noteAct(ctx context.Context) error {
	a := acting(ctx)
	if a == nil || a.Act == "" || tx.noted {
		return nil
	}
	target := tx.target
	if target == "" {
		target = a.Target
	}
	if err := tx.AddAudit(ctx, &coop.AuditEntry{Act: a.Act, Target: target, Why: a.Why}); err != nil {
		return fmt.Errorf("note %s: %w", a.Act, err)
	}
	return nil
}

// sign fills in who stands behind an entry of the audit log, where the context says
// so.
func (tx *Tx) sign(ctx context.Context, e *coop.AuditEntry) {
	a := acting(ctx)
	if a == nil {
		return
	}
	tx.noted = true
	e.Who, e.OnBehalf = a.Who, a.Account
	if e.From == "" {
		e.From = a.From
	}
}
