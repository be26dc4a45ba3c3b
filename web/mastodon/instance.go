// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// instanceRoutes say what this server is and what it takes; clients ask before
// anybody signs in.
func (f *Face) instanceRoutes() []auth.Route {
	return []auth.Route{
		f.public("/v1/instance", "", f.instanceV1),
		f.public("/v2/instance", "", f.instanceV2),
		f.public("/v1/instance/rules", "", f.instanceRules),
		f.public("/v1/instance/peers", "", f.instancePeers),
		f.public("/v1/instance/translation_languages", "", f.translationLanguages),
		f.public("/v1/custom_emojis", "", emptyList),
	}
}

// clientVersion is what clients read as the version of the API: it begins with the
// version of Mastodon whose calls are there.
const clientVersion = "4.3.0"

// apiVersions are promises that clients rely on without asking again: of Mastodon's,
// 2 is notifications in lines, 3 is PKCE, 4 is web push by its standard. The next may
// only be named when a test shows it.
func (f *Face) apiVersions() gin.H {
	if f.Push == nil {
		return gin.H{"mastodon": 3, "minga": 1}
	}
	return gin.H{"mastodon": 4, "minga": 1}
}

// Limits that clients are told and the program keeps.
const (
	maxAttachments = 4
	urlLength      = 23 // characters that any link counts
)

// languages are those of what this server writes, and of the interface where no others are
// named.
var languages = []string{"es", "en", "ca", "it", "pt"}

// offered are the languages of the pages.
func (f *Face) offered() []string {
	if len(f.Languages) > 0 {
		return f.Languages
	}
	return languages
}

// configuration is what a composer must know.
func (f *Face) configuration(ctx context.Context, privacy, terms any) gin.H {
	return gin.H{
		"urls": gin.H{"streaming": f.streaming(), "about": f.base() + "/about", "status": nil, "privacy_policy": privacy, "terms_of_service": terms},
		"accounts": gin.H{
			"max_featured_tags": coop.MaxFeaturedTags, "max_pinned_statuses": coop.MaxPins, "max_profile_fields": coop.MaxFields, "max_display_name_length": coop.MaxDisplayName,
			"max_note_length": coop.MaxBioLength, "profile_field_name_limit": coop.MaxFieldLength, "profile_field_value_limit": coop.MaxFieldLength,
		},
		"statuses": gin.H{
			"max_characters": coop.MaxPostLength, "max_media_attachments": maxAttachments, "characters_reserved_per_url": urlLength,
			"supported_mime_types": []string{"text/plain", "text/markdown"},
		},
		"media_attachments":  f.mediaConfiguration(),
		"polls":              pollConfiguration(),
		"translation":        gin.H{"enabled": f.Translator != nil},
		"vapid":              gin.H{"public_key": f.pushKey(ctx)},
		"limited_federation": f.limited(),
		"timelines_access": gin.H{
			"live_feeds": gin.H{"local": "public", "remote": "public"}, "hashtag_feeds": gin.H{"local": "public", "remote": "public"},
		},
		"minga": gin.H{"kinds": []string{"job", "article"}, "languages": languages},
	}
}

// pollConfiguration is what a composer must know of polls; times are seconds.
func pollConfiguration() gin.H {
	return gin.H{
		"max_options": coop.MaxPollOptions, "max_characters_per_option": coop.MaxPollTitle,
		"min_expiration": int(coop.MinPollTime / time.Second), "max_expiration": int(coop.MaxPollTime / time.Second),
	}
}

// streaming is where events are to be had.
func (f *Face) streaming() string {
	if f.Scheme == "http" {
		return "ws://" + f.Host
	}
	return "wss://" + f.Host
}

// limited tells whether unknown servers are refused.
func (f *Face) limited() bool {
	if f.Mode == nil {
		return false
	}
	mode := f.Mode()
	return mode == coop.ModeAllowlist || mode == coop.ModeClosed
}

// instanceFacts is what both shapes of the instance say.
type instanceFacts struct {
	title, text    string
	contact        *entity.Account // nil before the federation is set up
	stats          storage.Stats
	rules          entity.List[entity.Rule]
	privacy, terms any // addresses; nil where nothing is written
}

// about reads what the instance says of itself: its federation's name and words, what
// can be counted, its rules and statements.
func (f *Face) about(c *gin.Context) (*instanceFacts, error) {
	ctx := c.Request.Context()
	facts := &instanceFacts{}
	var errs [4]error
	errs[0] = f.describe(ctx, facts)
	facts.stats, errs[1] = f.Store.Stats(ctx)
	facts.rules, errs[2] = f.rules(c)
	facts.privacy, facts.terms, errs[3] = f.statementURLs(c)
	return facts, errors.Join(errs[:]...)
}

// describe fills in the name and the words of the federation, and whom to ask.
func (f *Face) describe(ctx context.Context, facts *instanceFacts) error {
	facts.title = f.Host
	a, err := f.Store.FederationAccount(ctx)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	facts.title, facts.text, facts.contact = shownName(a), a.Bio, f.account(a)
	return f.complete(ctx, facts.contact)
}

// instanceV2 answers GET /api/v2/instance.
func (f *Face) instanceV2(c *gin.Context) error {
	about, err := f.about(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{
		"domain": f.AccountDomain, "title": about.title, "version": f.shownVersion(), "source_url": f.sourceURL(), "description": about.text,
		"usage":     gin.H{"users": gin.H{"active_month": about.stats.ActiveMonth}},
		"thumbnail": gin.H{"url": f.thumbnail(), "blurhash": nil, "description": "", "versions": gin.H{}},
		"icon":      []gin.H{{"src": f.base() + "/assets/avatar.svg", "size": "512x512"}},
		"languages": f.offered(), "configuration": f.configuration(c.Request.Context(), about.privacy, about.terms), "api_versions": f.apiVersions(), "rules": about.rules,
		"registrations": f.registrations(),
		"contact":       gin.H{"email": f.contact(), "account": about.contact},
	})
	return nil
}

// instanceV1 answers GET /api/v1/instance: the same facts in the old shape.
func (f *Face) instanceV1(c *gin.Context) error {
	about, err := f.about(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{
		"uri": f.AccountDomain, "title": about.title, "short_description": about.text, "description": about.text, "email": f.contact(), "version": f.shownVersion(),
		"urls":      gin.H{"streaming_api": f.streaming()},
		"stats":     gin.H{"user_count": about.stats.Users, "status_count": about.stats.Posts + about.stats.Comments, "domain_count": about.stats.Peers},
		"thumbnail": f.thumbnail(), "languages": f.offered(), "registrations": f.Registrations.Open(), "approval_required": f.asksStaff(), "invites_enabled": f.Registrations == coop.RegistrationsInvite,
		"configuration": f.configuration(c.Request.Context(), about.privacy, about.terms), "contact_account": about.contact, "rules": about.rules,
	})
	return nil
}

// contact is the address to write to. Every domain that has mail has a postmaster
// (RFC 5321 §4.5.1), and clients take nothing for an address but an address.
func (f *Face) contact() string {
	if f.Contact != "" {
		return f.Contact
	}
	host, _, _ := strings.Cut(f.Host, ":")
	return "postmaster@" + host
}

// shownVersion is the version of the API's model, then ours.
func (f *Face) shownVersion() string {
	return clientVersion + " (compatible; minga " + f.Version + ")"
}

// sourceURL is where the source is; the instance's own page says it where no address
// is configured.
func (f *Face) sourceURL() string {
	if f.SourceURL != "" {
		return f.SourceURL
	}
	return f.base() + "/about"
}

// thumbnail is the picture of the instance.
func (f *Face) thumbnail() string { return f.base() + "/assets/header.svg" }

// instanceRules answers GET /api/v1/instance/rules.
func (f *Face) instanceRules(c *gin.Context) error {
	rules, err := f.rules(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, rules)
	return nil
}

// instancePeers answers GET /api/v1/instance/peers: hosts that wrote to us, or took
// what we wrote.
func (f *Face) instancePeers(c *gin.Context) error {
	peers, err := f.Store.Peers(c.Request.Context(), storage.PeerQuery{Limit: 1000})
	if err != nil {
		return err
	}
	hosts := entity.List[string]{}
	for _, p := range peers {
		if p.Policy != coop.PolicyBlock {
			hosts = append(hosts, p.Host)
		}
	}
	c.JSON(http.StatusOK, hosts)
	return nil
}

// emptyList answers what there is none of.
func emptyList(c *gin.Context) error {
	c.JSON(http.StatusOK, []any{})
	return nil
}

// emptyObject answers {}.
func emptyObject(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{})
	return nil
}
