// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// archiving is one archive on its way.
type archiving struct {
	o     *Outbox
	zip   *zip.Writer
	under string
	who   *coop.Account
	ids   []coop.ID // of posts, the oldest first
	head  carry.Head
	open  func(ctx context.Context, name string) (io.ReadCloser, error)
}

// ExportArchive writes everything that an account has into a zip file, in a folder of its
// own unless under is empty; open gives the bytes of a file by its name in the library.
// Drafts stay here. Whether who asks may is for the caller to know.
func (o *Outbox) ExportArchive(ctx context.Context, z *zip.Writer, who *coop.Account, software, under string, open func(ctx context.Context, name string) (io.ReadCloser, error)) (carry.Head, error) {
	a := &archiving{o: o, zip: z, under: under, who: who, open: open, head: carry.Head{
		Format: carry.ArchiveFormat, Version: 1, Software: software, Account: who.IRI, Handle: o.handle(who), Kind: who.Kind, Made: o.now().UTC(),
	}}
	for _, part := range []func(context.Context) error{a.findPosts, a.actor, a.profile, a.typed, a.shown, a.read, a.tables, a.belongs, a.roles} {
		if err := part(ctx); err != nil {
			return a.head, fmt.Errorf("export %s: %w", who.IRI, err)
		}
	}
	a.head.Posts = len(a.ids)
	return a.head, a.json(carry.ArchiveHead, a.head)
}

// file begins a file of the archive.
func (a *archiving) file(name string) (io.Writer, error) {
	return a.zip.CreateHeader(&zip.FileHeader{Name: path.Join(a.under, name), Method: zip.Deflate, Modified: a.head.Made})
}

// json writes a file of one value.
func (a *archiving) json(name string, v any) error {
	w, err := a.file(name)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// findPosts notes which posts there are.
func (a *archiving) findPosts(ctx context.Context) error {
	q := storage.PostQuery{Authors: []coop.ID{a.who.ID}, Kinds: []coop.PostKind{coop.KindNote, coop.KindArticle, coop.KindJob, coop.KindQuestion, coop.KindRequest}}
	err := walk(func(p coop.Page) ([]*coop.Post, error) {
		return a.o.store.Posts(ctx, coop.System(), q, p)
	}, func(p *coop.Post) (coop.ID, error) {
		if !draft(p) {
			a.ids = append(a.ids, p.ID)
		}
		return p.ID, nil
	})
	slices.Reverse(a.ids)
	return err
}

// each gives every post to do, the oldest first.
func (a *archiving) each(ctx context.Context, do func(p *coop.Post) error) error {
	for lot := range slices.Chunk(a.ids, exportPage) {
		posts, err := a.o.store.PostsByID(ctx, coop.System(), lot)
		if err != nil {
			return err
		}
		for _, p := range posts {
			if err := do(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// actor writes the account as others are shown it.
func (a *archiving) actor(ctx context.Context) error {
	body, err := a.o.ActorDocument(ctx, a.who)
	if err != nil {
		return err
	}
	return a.json("actor.json", json.RawMessage(body))
}

// typed writes the posts as they were typed.
func (a *archiving) typed(ctx context.Context) error {
	w, err := a.file(carry.ArchivePosts)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return a.each(ctx, func(p *coop.Post) error {
		if p.Kind == coop.KindRequest {
			return nil // an answer to it elsewhere would be lost
		}
		one, err := a.carried(ctx, p)
		if err != nil {
			return err
		}
		return e.Encode(one)
	})
}

// carried is a post as it is taken in elsewhere.
func (a *archiving) carried(ctx context.Context, p *coop.Post) (carry.Post, error) {
	one := carry.Post{
		IRI: p.IRI, Kind: p.Kind, Visibility: p.Visibility, InReplyTo: p.InReplyTo, Title: p.Title, Summary: p.Summary, Sensitive: p.Sensitive, Language: p.Language,
		Source: p.Source, SourceType: p.SourceType, Hashtags: p.Hashtags, Published: p.Published, Job: p.Job, Article: p.Article,
	}
	if p.Poll != nil {
		one.Poll = &carry.Poll{Multiple: p.Poll.Multiple, Ends: p.Poll.Ends}
		for _, option := range p.Poll.Options {
			one.Poll.Options = append(one.Poll.Options, carry.PollOption{Title: option.Title, Votes: option.Votes})
		}
	}
	for _, f := range p.Attachments {
		m, err := a.media(ctx, f)
		if err != nil {
			return one, err
		}
		if m != nil {
			one.Files = append(one.Files, carry.PostFile{Name: m.Name, Alt: m.Alt, Title: m.Title})
		}
	}
	return one, nil
}

// media is the row of a file of ours; nil for others and for what is gone.
func (a *archiving) media(ctx context.Context, f coop.Attachment) (*coop.Media, error) {
	if f.ID == 0 {
		return nil, nil
	}
	m, err := a.o.store.Media(ctx, a.who.ID, f.ID)
	if isNotFound(err) {
		return nil, nil
	}
	return m, err
}

// shown writes the posts as others are shown them, in the bytes that were sent.
func (a *archiving) shown(ctx context.Context) error {
	w, err := a.file("outbox.json")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `{"@context":"https://www.w3.org/ns/activitystreams","id":"outbox.json","type":"OrderedCollection","orderedItems":[`)
	if err != nil {
		return err
	}
	between := ""
	err = a.each(ctx, func(p *coop.Post) error {
		d, err := a.o.store.Document(ctx, p.IRI)
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		item, err := json.Marshal(map[string]any{
			"id": below(p.IRI, "create"), "type": "Create", "actor": a.who.IRI, "published": p.Published, "to": p.To, "cc": p.Cc, "object": json.RawMessage(d.Body),
		})
		if err == nil {
			_, err = io.WriteString(w, between+string(item))
			between = ",\n"
		}
		return err
	})
	if err == nil {
		_, err = io.WriteString(w, "]}\n")
	}
	return err
}

// read writes each post for people, and its files.
func (a *archiving) read(ctx context.Context) error {
	return a.each(ctx, func(p *coop.Post) error {
		w, err := a.file("posts/" + p.Published.UTC().Format("2006-01-02") + "-" + p.ID.String() + ".md")
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, markdownOf(p)); err != nil {
			return err
		}
		for _, f := range p.Attachments {
			if err := a.copyFile(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// markdownOf is a post with what a site generator reads before it.
func markdownOf(p *coop.Post) string {
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	body := p.Source
	if p.Job != nil {
		body = p.Job.Markdown[p.Language]
	}
	if body == "" {
		body = coop.VisibleText(p.Content)
	}
	head := []string{"---", "date: " + p.Published.UTC().Format("2006-01-02"), "url: " + quoted(string(p.IRI))}
	for name, value := range map[string]string{"title": p.Title, "summary": p.Summary, "language": p.Language} {
		if value != "" {
			head = append(head, name+": "+quoted(value))
		}
	}
	slices.Sort(head[1:])
	return strings.Join(head, "\n") + "\n---\n\n" + body + "\n"
}

// copyFile copies a file of ours; one that is missing is left out.
func (a *archiving) copyFile(ctx context.Context, f coop.Attachment) (err error) {
	m, err := a.media(ctx, f)
	if err != nil || m == nil {
		return err
	}
	from, err := a.open(ctx, m.Name)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	w, err := a.file(carry.ArchiveMedia + "/" + m.Name)
	if err == nil {
		a.head.Files++
		_, err = io.Copy(w, from)
	}
	return err
}

// tables writes the files of package carry.
func (a *archiving) tables(ctx context.Context) error {
	for _, kind := range []carry.Kind{carry.Following, carry.Lists, carry.Blocks, carry.Mutes, carry.Servers, carry.Bookmarks} {
		w, err := a.file(string(kind) + ".csv")
		if err != nil {
			return err
		}
		if err := a.o.Export(ctx, w, a.who, kind); err != nil {
			return err
		}
	}
	return nil
}

// belongs writes where the account belongs, for people: it cannot be taken in, since
// others have to say so too.
func (a *archiving) belongs(ctx context.Context) error {
	list, err := walkMemberships(ctx, a.o.store, storage.MembershipQuery{Member: a.who.ID})
	if err != nil {
		return err
	}
	places := []carry.Membership{}
	for _, m := range list {
		places = append(places, carry.Membership{Organization: a.o.handle(m.Organization), Role: m.Role, State: m.State})
	}
	return a.json(carry.ArchiveMemberships, places)
}
