// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"net/url"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// AnswerJobs is the collection of an account's jobs asked with the query string of the
// job board: the jobs of this instance that answer it, 20 at most, best first, each
// whole; of a co-op its own alone. Other servers ask it when somebody there looks
// further than what they follow. What asks nothing that the board knows is the
// collection as it is, of [Outbox.Collection].
func (o *Outbox) AnswerJobs(ctx context.Context, v coop.Viewer, owner *coop.Account, asked url.Values) ([]byte, error) {
	query := coop.ParseJobQuery(asked)
	known := query.Values()
	if owner.Jobs == "" || len(known) == 0 && !query.Nothing {
		return o.Collection(ctx, v, owner, CollectionJobs, "")
	}
	query.Archive, query.Ask, query.Source = false, false, []string{string(coop.SourceOwn)}
	if owner.Kind == coop.Coop {
		query.Coop = []string{string(owner.Name)}
	}
	query, err := o.store.LookUp(ctx, query)
	if err != nil {
		return nil, err
	}
	list, err := o.store.SearchJobs(ctx, v, query, storage.JobPage{Limit: coop.MostAnswered, Domain: o.o.Local.AccountDomain})
	if err != nil {
		return nil, fmt.Errorf("jobs asked of %s: %w", owner.IRI, err)
	}
	p := page{items: []any{}}
	for _, post := range list.Posts {
		if post.Local {
			o.embed(ctx, v, &p, post.IRI)
		}
	}
	of := string(below(owner.IRI, string(CollectionJobs)))
	c := vocabulary.Collection{ID: of + "?" + known.Encode(), AttributedTo: string(owner.IRI), TotalItems: int64(list.Total), Items: p.items}
	body, err := vocabulary.Encode(c.Members(), vocabulary.Post)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", of, err)
	}
	return body, nil
}
