// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// What of one post is kept at most: the rest is ignored.
const (
	mostHashtags   = 100
	mostAddressees = 1000
)

// clearChildren removes the rows that a post has elsewhere before they are written
// anew, and gives the keys by which it was known as a job.
func (tx *Tx) clearChildren(ctx context.Context, post coop.ID) (sameKeys, error) {
	keys, err := tx.jobKeys(ctx, post)
	if err != nil {
		return keys, err
	}
	for _, table := range []string{"post_hashtags", "post_links", "post_addressees", "article_facets", "articles", "job_facets", "job_points", "jobs"} {
		if _, err := tx.exec(ctx, "DELETE FROM "+table+" WHERE post_id = $1", int64(post)); err != nil {
			return keys, err
		}
	}
	return keys, tx.removeWords(ctx, post)
}

// putChildren writes the rows that a post has elsewhere.
func (tx *Tx) putChildren(ctx context.Context, p *coop.Post, _ Arrival) error {
	for _, put := range []func(context.Context, *coop.Post) error{
		tx.putHashtags, tx.putLinks, tx.putAddressees, tx.putArticle, tx.putJob, tx.putRequest, tx.putDecision, tx.putWords,
	} {
		if err := put(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// foldTag is a hashtag as it is compared.
func foldTag(tag string) string {
	return coop.FoldTag(tag)
}

// putHashtags writes the hashtags, folded.
func (tx *Tx) putHashtags(ctx context.Context, p *coop.Post) error {
	for _, tag := range p.Hashtags[:min(len(p.Hashtags), mostHashtags)] {
		if tag = foldTag(tag); tag == "" {
			continue
		}
		if err := tx.soon(ctx, `
			INSERT INTO post_hashtags (post_id, tag)
			VALUES ($1, $2)
			ON CONFLICT DO NOTHING`, int64(p.ID), tag); err != nil {
			return fmt.Errorf("hashtags: %w", err)
		}
		if err := tx.soon(ctx, `INSERT INTO hashtags (tag) VALUES ($1) ON CONFLICT DO NOTHING`, tag); err != nil {
			return fmt.Errorf("hashtags: %w", err)
		}
	}
	return nil
}

// addressees are the ids in to and cc, without the collection of everybody.
func addressees(p *coop.Post) []coop.IRI {
	named := unique(slices.Concat(p.To, p.Cc))
	named = slices.DeleteFunc(named, func(iri coop.IRI) bool { return iri == coop.Public })
	return named[:min(len(named), mostAddressees)]
}

// putAddressees writes who is named: known accounts by their id, unknown ones by
// their server. A known collection names nobody; who is in it is asked when
// somebody reads.
func (tx *Tx) putAddressees(ctx context.Context, p *coop.Post) error {
	named := addressees(p)
	if len(named) == 0 {
		return nil
	}
	accounts, collections, err := tx.whoIsNamed(ctx, named)
	if err != nil {
		return err
	}
	for _, iri := range named {
		row := []column{{"post_id", int64(p.ID)}, {"iri", string(iri)}, {"account_id", int64(0)}, {"host", iri.Host()}}
		if account := accounts[iri]; account != 0 {
			row[2].value = int64(account)
		} else if collections[iri] {
			row[3].value = ""
		}
		if err := tx.insertSoon(ctx, "post_addressees", row, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	return nil
}

// whoIsNamed finds which of the ids are of known accounts, and which are the
// followers or members collection of one on the same host.
func (r reader) whoIsNamed(ctx context.Context, iris []coop.IRI) (accounts map[coop.IRI]coop.ID, collections map[coop.IRI]bool, err error) {
	accounts, collections = make(map[coop.IRI]coop.ID), make(map[coop.IRI]bool)
	type owned struct {
		id                      int64
		iri, followers, members string
	}
	for part := range slices.Chunk(iris, mostIn) {
		var a args
		list := in(&a, texts(part))
		owners, err := all(ctx, r, func(row pgx.CollectableRow) (o owned, err error) {
			err = row.Scan(&o.id, &o.iri, &o.followers, &o.members)
			return o, err
		}, `
			SELECT id, iri, '', '' FROM accounts WHERE iri IN `+list+`
			UNION ALL
			SELECT id, iri, followers, members FROM accounts WHERE followers <> '' AND followers IN `+list+`
			UNION ALL
			SELECT id, iri, '', members FROM accounts WHERE members <> '' AND members IN `+list+`
			LIMIT 10000`, a...)
		if err != nil {
			return nil, nil, fmt.Errorf("addressees: %w", err)
		}
		for _, o := range owners {
			if o.followers == "" && o.members == "" {
				accounts[coop.IRI(o.iri)] = coop.ID(o.id)
			}
			for _, collection := range []coop.IRI{coop.IRI(o.followers), coop.IRI(o.members)} {
				if collection.Host() == coop.IRI(o.iri).Host() && slices.Contains(part, collection) {
					collections[collection] = true
				}
			}
		}
	}
	return accounts, collections, nil
}

// membersOf finds the account to whose members a post is addressed; 0 when it is
// for others, or when nobody known has such a collection.
func (r reader) membersOf(ctx context.Context, p *coop.Post) (coop.ID, error) {
	if p.Visibility != coop.VisibleMembers {
		return 0, nil
	}
	type owner struct {
		id      int64
		members string
		iri     string
	}
	var a args
	owners, err := all(ctx, r, func(row pgx.CollectableRow) (o owner, err error) {
		err = row.Scan(&o.id, &o.members, &o.iri)
		return o, err
	}, `
		SELECT id, members, iri
		FROM accounts
		WHERE members <> '' AND members IN `+in(&a, texts(addressees(p)))+`
		ORDER BY id`, a...)
	if err != nil {
		return 0, fmt.Errorf("members collection: %w", err)
	}
	for _, o := range owners {
		if coop.IRI(o.members).Host() == coop.IRI(o.iri).Host() {
			return coop.ID(o.id), nil
		}
	}
	return 0, nil
}

// putArticle writes the row of a knowledge post.
func (tx *Tx) putArticle(ctx context.Context, p *coop.Post) error {
	if p.Article == nil {
		return nil
	}
	if p.Article.Status == "" {
		p.Article.Status = coop.ArticlePublished
	}
	payload, err := jsonText(p.Article)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "articles", []column{
		{"post_id", int64(p.ID)},
		{"version", p.Article.Version},
		{"status", string(p.Article.Status)},
		{"license", p.Article.License},
		{"translation_of", string(p.Article.TranslationOf)},
		{"checked_on", p.Article.CheckedOn},
		{"payload", payload},
	}, "")
	if err != nil {
		return err
	}
	return tx.putArticleFacets(ctx, p)
}

// putDocuments keeps the bytes of the object and of the activity. A document that
// belongs to somebody else is not touched. Only those of local posts are sent on, by their
// number.
func (tx *Tx) putDocuments(ctx context.Context, p *coop.Post, by Arrival) error {
	public := !isDraft(p) && (p.Visibility == coop.VisiblePublic || p.Visibility == coop.VisibleUnlisted)
	for _, d := range []*coop.Document{by.Object, by.Activity} {
		if d == nil || d.IRI == "" {
			continue
		}
		d.PostID, d.Public = p.ID, public
		if d.OwnerID == 0 {
			d.OwnerID = p.AuthorID
		}
		row := Document{IRI: d.IRI, OwnerID: d.OwnerID, PostID: d.PostID, Public: d.Public, Body: d.Body}
		if !p.Local {
			if err := tx.putOwnDocumentSoon(ctx, row); err != nil {
				return err
			}
			continue
		}
		n, err := tx.putOwnDocument(ctx, row)
		if err != nil {
			return err
		}
		d.ID = coop.ID(n)
	}
	return nil
}
