// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// statementRoutes are what this server says of itself in full, whom it shuts out, and
// how busy it is.
func (f *Face) statementRoutes() []auth.Route {
	return []auth.Route{
		f.public("/v1/instance/extended_description", "", f.instanceDescription),
		f.public("/v1/instance/privacy_policy", "", f.privacyPolicy),
		f.public("/v1/instance/terms_of_service", "", f.termsOfService),
		f.public("/v1/instance/terms_of_service/:date", "", f.termsOfService),
		f.public("/v1/instance/domain_blocks", "", f.instanceBlocks),
		f.public("/v1/instance/activity", "", f.instanceActivity),
	}
}

// statement finds what the instance says about something, as HTML in the language of
// who asks; [coop.ErrNotFound] where it says nothing.
func (f *Face) statement(c *gin.Context, kind coop.StatementKind) (html string, changed time.Time, err error) {
	s, err := f.Store.Statement(c.Request.Context(), kind)
	if err != nil {
		return "", time.Time{}, err
	}
	language := f.Language
	if self := auth.Account(c); self != nil {
		language = self.Language
	}
	html, _ = text.Markdown(s.Texts.In(language))
	return html, s.ChangedAt, nil
}

// instanceDescription answers GET /api/v1/instance/extended_description: what this
// place is, else what its federation says of itself.
func (f *Face) instanceDescription(c *gin.Context) error {
	html, changed, err := f.statement(c, coop.StatementAbout)
	if errors.Is(err, coop.ErrNotFound) {
		var a *coop.Account
		if a, err = f.Store.FederationAccount(c.Request.Context()); err == nil {
			html, changed = a.Bio, a.UpdatedAt
		}
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"updated_at": entity.Time(changed), "content": html})
	return nil
}

// privacyPolicy answers GET /api/v1/instance/privacy_policy.
func (f *Face) privacyPolicy(c *gin.Context) error {
	html, changed, err := f.statement(c, coop.StatementPrivacy)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"updated_at": entity.Time(changed), "content": html})
	return nil
}

// termsOfService answers GET /api/v1/instance/terms_of_service, and …/:date for the day
// since which they hold. Earlier ones are not kept.
func (f *Face) termsOfService(c *gin.Context) error {
	html, changed, err := f.statement(c, coop.StatementTerms)
	if err != nil {
		return err
	}
	since := changed.UTC().Format(time.DateOnly)
	if day := c.Param("date"); day != "" && day != since {
		return fmt.Errorf("terms of %s: %w", day, coop.ErrNotFound)
	}
	c.JSON(http.StatusOK, gin.H{"effective_date": since, "effective": true, "content": html, "succeeded_by": nil})
	return nil
}

// statementURLs are the pages of what the instance says; nil where it says nothing.
func (f *Face) statementURLs(c *gin.Context) (privacy, terms any, err error) {
	there, err := f.Store.Statements(c.Request.Context())
	if there[coop.StatementPrivacy] {
		privacy = f.base() + "/privacy"
	}
	if there[coop.StatementTerms] {
		terms = f.base() + "/terms"
	}
	return privacy, terms, err
}

// mostBlocks is how many servers one list names.
const mostBlocks = 10_000

// instanceBlocks answers GET /api/v1/instance/domain_blocks: the servers that are shut
// out or hidden from lists, with the reason that everybody may read.
func (f *Face) instanceBlocks(c *gin.Context) error {
	out := entity.List[entity.DomainBlock]{}
	for policy, severity := range map[coop.PeerPolicy]string{coop.PolicyBlock: "suspend", coop.PolicyLimit: "silence"} {
		for q := (storage.PeerQuery{Policy: policy, Limit: 200}); len(out) < mostBlocks; {
			peers, err := f.Store.Peers(c.Request.Context(), q)
			if err != nil {
				return err
			}
			for _, p := range peers {
				q.After = p.Host
				if p.ExpiresAt.IsZero() || f.Now().Before(p.ExpiresAt) {
					out = append(out, blockOf(p, severity))
				}
			}
			if len(peers) < q.Limit {
				break
			}
		}
	}
	entity.SortBlocks(out)
	c.JSON(http.StatusOK, out)
	return nil
}

// blockOf is one server that is shut out.
func blockOf(p *coop.Peer, severity string) entity.DomainBlock {
	sum := sha256.Sum256([]byte(p.Host))
	return entity.DomainBlock{Domain: p.Host, Digest: hex.EncodeToString(sum[:]), Severity: severity, Comment: p.PublicReason}
}

// activityWeeks is how many weeks are told of.
const activityWeeks = 12

// instanceActivity answers GET /api/v1/instance/activity: all numbers are texts.
func (f *Face) instanceActivity(c *gin.Context) error {
	weeks, err := f.Store.Weeks(c.Request.Context(), activityWeeks)
	if err != nil {
		return err
	}
	out := make([]gin.H, len(weeks))
	for i, w := range weeks {
		out[i] = gin.H{
			"week": strconv.FormatInt(w.Begins.Unix(), 10), "statuses": strconv.Itoa(w.Posts), "logins": strconv.Itoa(w.Visitors),
			"registrations": strconv.Itoa(w.NewPeople),
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}
