// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"strings"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"
)

// A topic of the federation's list is an actor of its own, @topic-NAME: whoever follows
// it, here or elsewhere, gets an Announce of the id of each new public article that
// names the topic, by the federation's members and the co-ops of this instance. Other
// words that articles are about stay words.

// topicPrefix begins the names of topics; nobody else may have such a name.
const topicPrefix = "topic-"

// topicHandle is the name of a topic's account: its name in small letters of ASCII, cut
// to what names may have.
func topicHandle(name string) string {
	s := slug(name)
	return topicPrefix + strings.Trim(s[:min(len(s), 30-len(topicPrefix))], "-")
}

// NewTopic puts a topic on the federation's list. One that is there is answered as it
// is; a name without letters or digits of ASCII is an *[coop.InvalidError] of field
// name.
func (o *Outbox) NewTopic(ctx context.Context, name, about, language string) (*coop.Account, error) {
	if name = coop.CleanLine(name, 100); name == "" {
		return nil, &coop.InvalidError{Field: "name", Code: coop.CodeRequired, Problem: "a topic has a name"}
	}
	a := o.local(coop.Topic, topicHandle(name))
	if known, err := o.store.AccountByIRI(ctx, a.IRI); err == nil || !isNotFound(err) {
		return known, err
	}
	if language == "" {
		language = o.setting(ctx, "language", "")
	}
	a.ActorType, a.DisplayName, a.Language, a.Discoverable, a.Indexable = "Service", name, language, true, true
	a.BioSource = coop.CleanText(about, coop.MaxBioLength)
	if err := coop.ValidateName(coop.Topic, a.Name); err != nil {
		return nil, err
	}
	if err := coop.ValidateProfile(a); err != nil {
		return nil, err
	}
	a.Bio = text.Typed{Tag: o.o.Local.Tag}.Write(a.BioSource).HTML
	return a, wrapErr("make topic", a.IRI, o.make(ctx, a))
}

// announceOnTopics lets the topics of a new article announce it, once each.
func (o *Outbox) announceOnTopics(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if p.Article == nil || p.Article.Status != coop.ArticlePublished || len(p.Article.Topics) == 0 {
		return nil
	}
	iris := make([]coop.IRI, 0, len(p.Article.Topics))
	for _, topic := range p.Article.Topics {
		iris = append(iris, o.o.Local.actor(coop.Topic, topicHandle(topic.Name)))
	}
	topics, err := tx.AccountsByIRI(ctx, iris)
	if err != nil {
		return fmt.Errorf("topics of %s: %w", p.IRI, err)
	}
	seen := map[coop.ID]bool{}
	for _, iri := range iris {
		topic := topics[iri]
		if topic == nil || topic.Kind != coop.Topic || topic.Gone() || seen[topic.ID] {
			continue
		}
		seen[topic.ID] = true
		if err := o.announceID(ctx, tx, topic, p); err != nil {
			return err
		}
	}
	return nil
}
