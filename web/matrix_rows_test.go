// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"slices"
	"strings"

	"minga/coop"
)

// list is a list that shows of what may be seen what shows says.
func list(path string, shows func(x *thing, r *reader) bool) []ask {
	return []ask{{path: path, shows: shows}}
}

// none are answers in which no post is to be looked for.
func none(paths ...string) (asks []ask) {
	for _, path := range paths {
		asks = append(asks, ask{path: path})
	}
	return asks
}

// each is a route that is asked for each thing by its id.
func each(path string, of func(x *thing) bool) []ask { return []ask{{path: path, of: of}} }

// wire are documents that servers read.
func wire(paths ...string) (asks []ask) {
	for _, path := range paths {
		asks = append(asks, ask{path: path, accept: activityJSON}, ask{path: path})
	}
	return asks
}

// What things are.
func isPost(x *thing) bool    { return x.kind != "scheduled" }
func isNothing(*thing) bool   { return false }
func isNote(x *thing) bool    { return x.kind == "note" || x.kind == "quote" }
func isBallot(x *thing) bool  { return x.kind == "ballot" }
func isJob(x *thing) bool     { return x.kind == "job" }
func isArticle(x *thing) bool { return x.kind == "article" }
func isWaiting(x *thing) bool { return x.kind == "scheduled" }
func below(x *thing) bool     { return strings.HasPrefix(x.kind, "below") }
func isHere(x *thing) bool    { return isPost(x) && !isAway(x) }
func isAway(x *thing) bool    { return x.by.Host != "" }
func isOpen(x *thing) bool    { return x.audience == coop.VisiblePublic && !x.waits }

// published is what stands in lists at all.
func published(x *thing) bool { return isPost(x) && x.level != "draft" }

// byAuthor is what only its author is answered.
func byAuthor(x *thing, r *reader) bool {
	return r.author && strings.Contains(x.iri, "/coops/telar/") && isPost(x)
}

// kept is what every reader here kept of what is published.
func kept(x *thing, r *reader) bool { return isPost(x) && r.account != nil && r.name != "narrow" }

// inPublic is what stands in public timelines.
func inPublic(x *thing, r *reader) bool {
	return published(x) && isOpen(x) && (!r.mutes || x.by.Name == "carla")
}

// own is what the posts of one account are.
func ownPosts(name string) func(x *thing, _ *reader) bool {
	return func(x *thing, _ *reader) bool { return published(x) && x.by.Name == name }
}

// matrixRows says of every route that may show posts how it is asked.
var matrixRows = map[string][]ask{
	"/api/v1/statuses":                      each("/api/v1/statuses?id[]={id}", isPost),
	"/api/v1/statuses/:id":                  each("/api/v1/statuses/{id}", isPost),
	"/api/v1/statuses/:id/context":          slices.Concat(each("/api/v1/statuses/{id}/context", isPost), list("/api/v1/statuses/{root}/context", isAnswer)),
	"/api/v1/statuses/:id/history":          each("/api/v1/statuses/{id}/history", isPost),
	"/api/v1/statuses/:id/source":           {{path: "/api/v1/statuses/{id}/source", of: isPost, found: byAuthor}},
	"/api/v1/statuses/:id/reblogged_by":     each("/api/v1/statuses/{id}/reblogged_by", isNote),
	"/api/v1/statuses/:id/favourited_by":    each("/api/v1/statuses/{id}/favourited_by", isNote),
	"/api/v1/statuses/:id/quotes":           slices.Concat(each("/api/v1/statuses/{id}/quotes", isNote), list("/api/v1/statuses/{root}/quotes", isQuote)),
	"/api/v1/polls/:id":                     each("/api/v1/polls/{id}", isBallot),
	"/api/v1/scheduled_statuses":            list("/api/v1/scheduled_statuses", func(x *thing, _ *reader) bool { return isWaiting(x) }),
	"/api/v1/scheduled_statuses/:id":        each("/api/v1/scheduled_statuses/{id}", isWaiting),
	"/api/v1/bookmarks":                     list("/api/v1/bookmarks?limit=40", kept),
	"/api/v1/favourites":                    list("/api/v1/favourites?limit=40", kept),
	"/api/v1/conversations":                 list("/api/v1/conversations", isTalk),
	"/api/v1/timelines/home":                list("/api/v1/timelines/home?limit=40", atHome),
	"/api/v1/timelines/list/:id":            none("/api/v1/timelines/list/{list}?limit=40"),
	"/api/v1/timelines/public":              list("/api/v1/timelines/public?limit=40", func(x *thing, r *reader) bool { return inPublic(x, r) && !answers(x) }),
	"/api/v1/timelines/bubble":              list("/api/v1/timelines/bubble?limit=40", func(x *thing, r *reader) bool { return inPublic(x, r) && !answers(x) && isHere(x) }),
	"/api/v1/timelines/link":                list("/api/v1/timelines/link?limit=40&url=https://page.example/matrix", func(x *thing, r *reader) bool { return inPublic(x, r) && !below(x) && !isJob(x) && !isArticle(x) }),
	"/api/v1/timelines/direct":              list("/api/v1/timelines/direct?limit=40", func(x *thing, r *reader) bool { return published(x) && x.audience == coop.VisibleDirect && !r.mutes }),
	"/api/v1/statuses/:id/card":             each("/api/v1/statuses/{id}/card", isPost),
	"/api/v1/search":                        {{path: "/api/v1/search?q={word}&type=statuses", of: isPost, found: isFindable}, {path: "/api/v1/search?q={iri}", of: isPost}, {path: "/api/v1/search?q=matrix"}},
	"/api/v1/timelines/tag/:hashtag":        list("/api/v1/timelines/tag/matrix?limit=40", func(x *thing, r *reader) bool { return inPublic(x, r) && !below(x) && !isJob(x) && !isArticle(x) }),
	"/api/v1/accounts/:id/statuses":         slices.Concat(list("/api/v1/accounts/{telar}/statuses?limit=40", ownPosts("telar")), list("/api/v1/accounts/{noa}/statuses?limit=40&exclude_reblogs=1", ownPosts("noa")), list("/api/v1/accounts/{telar}/statuses?pinned=1", isPinned), list("/api/v1/accounts/{telar}/statuses?only_media=1", isPinned), none("/api/v1/accounts/{telar}/statuses?tagged=matrix", "/api/v1/accounts/{follower}/statuses?limit=40", "/api/v1/accounts/{blocked}/statuses?limit=40", "/api/v1/accounts/{carla}/statuses?limit=40")),
	"/api/v2/search":                        {{path: "/api/v2/search?q={word}&type=statuses", of: isPost, found: isFindable}, {path: "/api/v2/search?q={iri}", of: isPost}, {path: "/api/v2/search?q=matrix"}, {path: "/api/v2/search?q=%23matrix"}},
	"/api/v1/trends":                        none("/api/v1/trends"),
	"/api/v1/trends/tags":                   none("/api/v1/trends/tags"),
	"/api/v1/trends/statuses":               none("/api/v1/trends/statuses?limit=40", "/api/v1/trends/statuses?limit=40&offset=40"),
	"/api/v1/trends/links":                  none("/api/v1/trends/links"),
	"/api/v1/tags/:name":                    none("/api/v1/tags/matrix"),
	"/api/v1/notifications":                 list("/api/v1/notifications?limit=80&types[]=mention", kept),
	"/api/v1/notifications/:id":             none("/api/v1/notifications/1"),
	"/api/v2/notifications":                 list("/api/v2/notifications?limit=80&types[]=favourite", kept),
	"/api/v2/notifications/:id":             none("/api/v2/notifications/ungrouped-1"),
	"/api/v2/notifications/:id/accounts":    none("/api/v2/notifications/ungrouped-1/accounts"),
	"/api/v1/notifications/unread_count":    none("/api/v1/notifications/unread_count"),
	"/api/v2/notifications/unread_count":    none("/api/v2/notifications/unread_count"),
	"/api/v1/notifications/policy":          none("/api/v1/notifications/policy"),
	"/api/v2/notifications/policy":          none("/api/v2/notifications/policy"),
	"/api/v1/notifications/requests":        none("/api/v1/notifications/requests"),
	"/api/v1/notifications/requests/merged": none("/api/v1/notifications/requests/merged"),
	"/api/v1/notifications/requests/:id":    none("/api/v1/notifications/requests/1"),
	"/api/v1/minga/jobs":                    list("/api/v1/minga/jobs?limit=40", func(x *thing, _ *reader) bool { return isJob(x) && isOpen(x) }),
	"/api/v1/minga/jobs/facets":             none("/api/v1/minga/jobs/facets"),
	"/api/v1/minga/jobs/:id/similar":        none("/api/v1/minga/jobs/1/similar"),
	"/api/v1/minga/jobs/:id":                each("/api/v1/minga/jobs/{id}", isJob),
	"/api/v1/minga/jobs/:id/deliveries":     {{path: "/api/v1/minga/jobs/{id}/deliveries", of: isJob, found: byAuthor}},
	"/api/v1/minga/articles":                list("/api/v1/minga/articles?limit=40", func(x *thing, _ *reader) bool { return isArticle(x) && isOpen(x) }),
	"/api/v1/minga/articles/:id":            each("/api/v1/minga/articles/{id}", isArticle),
	"/api/v1/minga/articles/:id/revisions":  each("/api/v1/minga/articles/{id}/revisions", isArticle),
	"/api/v1/minga/drafts":                  list("/api/v1/minga/drafts", func(x *thing, _ *reader) bool { return x.level == "draft" }),
	"/api/v1/minga/coops":                   none("/api/v1/minga/coops"),
	"/api/v1/minga/coops/:id":               none("/api/v1/minga/coops/{telar}"),
	"/api/v1/minga/coops/:id/roles":         {{path: "/api/v1/minga/coops/{telar}/roles", closed: true}},
	"/api/v1/minga/coops/:id/audit":         {{path: "/api/v1/minga/coops/{telar}/audit", closed: true}},
	"/api/v1/minga/audit":                   none("/api/v1/minga/audit"),
	"/api/v1/minga/accounts/lookup":         none("/api/v1/minga/accounts/lookup?acct=telar"),
	"/api/v1/minga/accounts/:id":            none("/api/v1/minga/accounts/{telar}", "/api/v1/minga/accounts/{noa}"),
	"/api/v1/minga/federations":             none("/api/v1/minga/federations"),
	"/api/v1/minga/federations/:id":         none("/api/v1/minga/federations/{federation}"),
	"/api/v1/minga/follows":                 none("/api/v1/minga/follows"),
	"/api/v1/minga/memberships/:id":         none("/api/v1/minga/memberships/1"),
	"/api/v1/minga/coops/:id/evidence":      none("/api/v1/minga/coops/{telar}/evidence"),
	"/api/v1/minga/memberships":             none("/api/v1/minga/memberships"),
	"/api/v1/minga/teams":                   none("/api/v1/minga/teams"),
	"/api/v1/minga/teams/:id":               none("/api/v1/minga/teams/1"),
	"/api/v1/minga/teams/:id/messages":      none("/api/v1/minga/teams/1/messages"),
	"/api/v1/minga/teams/:id/archive.zip":   none("/api/v1/minga/teams/1/archive.zip"),
	"/api/v1/minga/teams/:id/files/:file":   none("/api/v1/minga/teams/1/files/1"),
	"/api/v1/minga/offers":                  none("/api/v1/minga/offers"),
	"/api/v1/minga/offers/:id":              none("/api/v1/minga/offers/1"),
	"/api/v1/minga/requests":                none("/api/v1/minga/requests?state=all"), "/api/v1/minga/requests/mine": {{path: "/api/v1/minga/requests/mine", closed: true}}, "/api/v1/minga/requests/:id/file": {{path: "/api/v1/minga/requests/1/file", closed: true}},
	"/api/v1/minga/requests/:id": each("/api/v1/minga/requests/{id}", isNothing), "/api/v1/minga/requests/:id/coverage": each("/api/v1/minga/requests/{id}/coverage", isNothing),
	"/api/v1/minga/coops/listed":             none("/api/v1/minga/coops/listed"),
	"/api/v1/minga/coops/lists":              none("/api/v1/minga/coops/lists"),
	"/api/v1/minga/coops/cover":              none("/api/v1/minga/coops/cover?skill=Python"),
	"/api/v1/minga/coops/:id/services":       none("/api/v1/minga/coops/{telar}/services"),
	"/api/v1/minga/coops/:id/capacity":       none("/api/v1/minga/coops/{telar}/capacity"),
	"/api/v1/minga/terms":                    none("/api/v1/minga/terms"),
	"/api/v1/minga/terms/twins":              none("/api/v1/minga/terms/twins"),
	"/api/v1/minga/requests/:id/offers":      none("/api/v1/minga/requests/1/offers"),
	"/agreements/:id":                        wire("/agreements/1"),
	"/api/v1/minga/decisions":                none("/api/v1/minga/decisions"),
	"/api/v1/minga/decisions/:id":            each("/api/v1/minga/decisions/{id}", isNothing),
	"/api/v1/minga/decisions/:id/ballots":    each("/api/v1/minga/decisions/{id}/ballots", isNothing),
	"/api/v1/minga/decisions/:id/recount":    each("/api/v1/minga/decisions/{id}/recount", isNothing),
	"/api/v1/instance":                       none("/api/v1/instance"),
	"/api/v2/instance":                       none("/api/v2/instance"),
	"/api/v1/instance/rules":                 none("/api/v1/instance/rules"),
	"/api/v1/instance/peers":                 none("/api/v1/instance/peers"),
	"/api/v1/instance/extended_description":  none("/api/v1/instance/extended_description"),
	"/api/v1/instance/translation_languages": none("/api/v1/instance/translation_languages"),
	"/api/v1/custom_emojis":                  none("/api/v1/custom_emojis"),
	"/api/v1/apps/verify_credentials":        none("/api/v1/apps/verify_credentials"),
	"/api/v1/accounts":                       none("/api/v1/accounts?id[]={telar}&id[]={noa}"),
	"/api/v1/accounts/lookup":                none("/api/v1/accounts/lookup?acct=telar"),
	"/api/v1/accounts/:id":                   none("/api/v1/accounts/{telar}", "/api/v1/accounts/{noa}"),
	"/api/v1/accounts/:id/followers":         none("/api/v1/accounts/{telar}/followers"),
	"/api/v1/accounts/:id/following":         none("/api/v1/accounts/{telar}/following"),
	"/api/v1/accounts/:id/featured_tags":     none("/api/v1/accounts/{telar}/featured_tags"),
	"/api/v1/accounts/:id/lists":             none("/api/v1/accounts/{telar}/lists"),
	"/api/v1/accounts/search":                none("/api/v1/accounts/search?q=telar"),
	"/api/v1/accounts/verify_credentials":    none("/api/v1/accounts/verify_credentials"),
	"/api/v1/accounts/relationships":         none("/api/v1/accounts/relationships?id[]={telar}"),
	"/api/v1/accounts/familiar_followers":    none("/api/v1/accounts/familiar_followers?id[]={telar}"),
	"/api/v1/suggestions":                    none("/api/v1/suggestions"),
	"/api/v2/suggestions":                    none("/api/v2/suggestions"),
	"/api/v1/blocks":                         none("/api/v1/blocks"),
	"/api/v1/mutes":                          none("/api/v1/mutes"),
	"/api/v1/domain_blocks":                  none("/api/v1/domain_blocks"),
	"/api/v1/domain_blocks/preview":          none("/api/v1/domain_blocks/preview?domain=away.example"),
	"/api/v1/follow_requests":                none("/api/v1/follow_requests"),
	"/api/v1/lists":                          none("/api/v1/lists"),
	"/api/v1/lists/:id":                      none("/api/v1/lists/{list}"),
	"/api/v1/lists/:id/accounts":             none("/api/v1/lists/{list}/accounts"),
	"/api/v1/followed_tags":                  none("/api/v1/followed_tags"),
	"/api/v1/push/subscription":              none("/api/v1/push/subscription"),
	"/api/v1/markers":                        none("/api/v1/markers?timeline[]=home"),
	"/api/v1/preferences":                    none("/api/v1/preferences"),
	"/api/v1/announcements":                  none("/api/v1/announcements"),
	"/api/v1/media/:id":                      none("/api/v1/media/1"),
	"/api/v2/filters":                        none("/api/v2/filters"),
	"/api/v2/filters/:id":                    none("/api/v2/filters/1"),
	"/api/v2/filters/:id/keywords":           none("/api/v2/filters/1/keywords"),
	"/api/v2/filters/:id/statuses":           none("/api/v2/filters/1/statuses"),
	"/api/v2/filters/keywords/:id":           none("/api/v2/filters/keywords/1"),
	"/api/v2/filters/statuses/:id":           none("/api/v2/filters/statuses/1"),
	"/api/v1/filters":                        none("/api/v1/filters"),
	"/api/v1/filters/:id":                    none("/api/v1/filters/1"),

	"/api/v1/minga/articles/:id/revisions/:n":      each("/api/v1/minga/articles/{id}/revisions/1", func(x *thing) bool { return isArticle(x) && !x.waits }),
	"/api/v1/minga/articles/:id/revisions/:n/diff": {{path: "/api/v1/minga/articles/{id}/revisions/1/diff", of: func(x *thing) bool { return isArticle(x) && !x.waits }}},
	"/api/v1/minga/articles/:id/translations":      {{path: "/api/v1/minga/articles/{id}/translations", of: isArticle}},
	"/api/v1/minga/articles/:id/citations":         {{path: "/api/v1/minga/articles/{id}/citations", of: isArticle}},
	"/api/v1/minga/licences":                       none("/api/v1/minga/licences"),
	"/api/v1/minga/series":                         none("/api/v1/minga/series"),
	"/api/v1/minga/series/:id":                     none("/api/v1/minga/series/1"),
	"/api/v1/minga/topics":                         none("/api/v1/minga/topics"),
	"/api/v1/minga/searches":                       none("/api/v1/minga/searches"),
	"/api/v1/minga/searches/:id":                   none("/api/v1/minga/searches/1"),
	"/api/v1/minga/coops/facets":                   none("/api/v1/minga/coops/facets"),
	"/api/v1/minga/coops/map":                      none("/api/v1/minga/coops/map"),
	"/api/v1/minga/skills":                         none("/api/v1/minga/skills"),
	"/api/v1/minga/places":                         none("/api/v1/minga/places"),
	"/api/v1/minga/activity":                       none("/api/v1/minga/activity"),

	"/api/v1/featured_tags/suggestions": none("/api/v1/featured_tags/suggestions"), "/api/v1/endorsements": none("/api/v1/endorsements"),
	"/api/v1/accounts/:id/endorsements": none("/api/v1/accounts/{telar}/endorsements"), "/api/v1/accounts/:id/identity_proofs": none("/api/v1/accounts/{telar}/identity_proofs"),
	"/api/v1/directory": none("/api/v1/directory"), "/api/v1/profile": none("/api/v1/profile"),
	"/api/v1/instance/privacy_policy": none("/api/v1/instance/privacy_policy"), "/api/v1/instance/terms_of_service": none("/api/v1/instance/terms_of_service"),
	"/api/v1/instance/terms_of_service/:date": none("/api/v1/instance/terms_of_service/2030-01-01"), "/api/v1/instance/domain_blocks": none("/api/v1/instance/domain_blocks"),
	"/api/v1/instance/activity": none("/api/v1/instance/activity"),
	"/privacy":                  none("/privacy"), "/terms": none("/terms"), "/sign-up": none("/sign-up"), "/confirm/:secret": none("/confirm/none"),
	"/api/v1/featured_tags": none("/api/v1/featured_tags"),
	"/oauth/userinfo":       none("/oauth/userinfo"), "/sign-in": none("/sign-in"), "/sign-in/again": none("/sign-in/again"), "/settings/security": none("/settings/security"), "/settings/confirm": none("/settings/confirm"),
	"/settings/security/email": none("/settings/security/email"), "/confirm-email/:secret": none("/confirm-email/none"),
	"/sign-in/provider": none("/sign-in/provider"), "/sign-in/provider/back": none("/sign-in/provider/back"), "/sign-in/join": none("/sign-in/join"),
	"/settings/confirm/provider": none("/settings/confirm/provider"),
	"/settings/security/factors": none("/settings/security/factors"), "/sign-in/second": none("/sign-in/second"), "/reset": none("/reset"),
	"/settings/co-ops": none("/settings/co-ops"), "/settings/co-ops/:name": none("/settings/co-ops/telar"), "/settings/co-ops/:name/log": none("/settings/co-ops/telar/log"),
	"/settings/co-ops/:name/services": none("/settings/co-ops/telar/services"), "/settings/co-ops/:name/capacity": none("/settings/co-ops/telar/capacity"),
	"/admin/terms": none("/admin/terms"), "/admin/directory": none("/admin/directory"),
	"/settings/migration": none("/settings/migration"), "/settings/delete": none("/settings/delete"), "/settings/export": none("/settings/export"), "/settings/export/:kind": none("/settings/export/bookmarks.csv"),
	"/settings/export/archive.zip": none("/settings/export/archive.zip"), "/deletions/:secret": none("/deletions/none"), "/admin/deletions": none("/admin/deletions"), "/admin/deletions/:id": none("/admin/deletions/1"),
	"/settings/import": none("/settings/import"), "/settings/import/:id/problems.csv": none("/settings/import/1/problems.csv"),
	"/jobs/new": none("/jobs/new"), "/jobs/:id/edit": none("/jobs/1/edit"), "/jobs/mine": none("/jobs/mine"), "/deliveries/:id": none("/deliveries/1"), "/jobs/:id/apply": none("/jobs/1/apply"),
	"/jobs/:id/applications": none("/jobs/1/applications"), "/jobs/:id/applications/:application/:file": none("/jobs/1/applications/1/1"),
	"/applications/withdrawn": none("/applications/withdrawn"), "/applications/:secret": none("/applications/none"), "/applications/:secret/export.zip": none("/applications/none/export.zip"),
	"/still-open/:secret": none("/still-open/none"),
	"/jobs/follow":        none("/jobs/follow?remote=1"), "/searches": none("/searches"), "/feeds/:file": none("/feeds/none.atom"), "/alerts/:secret": none("/alerts/none"),
	"/settings/invites": none("/settings/invites"), "/admin/invitations": none("/admin/invitations"), "/reset/:secret": none("/reset/none"), "/invite/:secret": none("/invite/none"),

	"/":            none("/"),
	"/jobs":        list("/jobs", func(x *thing, _ *reader) bool { return isJob(x) && isOpen(x) }),
	"/jobs/ask":    list("/jobs/ask", func(x *thing, _ *reader) bool { return isJob(x) && isOpen(x) }),
	"/jobs.ics":    none("/jobs.ics"),
	"/jobs.csv":    none("/jobs.csv"),
	"/jobs.xml":    none("/jobs.xml"),
	"/jobs.atom":   list("/jobs.atom", func(x *thing, _ *reader) bool { return isJob(x) && isOpen(x) }),
	"/jobs.rss":    list("/jobs.rss", func(x *thing, _ *reader) bool { return isJob(x) && isOpen(x) }),
	"/jobs.json":   list("/jobs.json", func(x *thing, _ *reader) bool { return isJob(x) && isOpen(x) }),
	"/jobs/:id":    each("/jobs/{id}", func(x *thing) bool { return isJob(x) }),
	"/library":     list("/library", func(x *thing, _ *reader) bool { return isArticle(x) && isOpen(x) }),
	"/library/:id": each("/library/{id}", isArticle),

	"/requests": none("/requests", "/requests?state=all&q=matrix"), "/requests.atom": none("/requests.atom?state=all"), "/requests.rss": none("/requests.rss?state=all"), "/requests.json": none("/requests.json?state=all"), "/requests.ics": none("/requests.ics?state=all"),
	"/requests/:id/room": none("/requests/1/room"), "/requests/:id/annex.json": none("/requests/1/annex.json"), "/requests/:id/offer": none("/requests/1/offer"),
	"/offers": none("/offers"), "/offers/:id": none("/offers/1"),
	"/requests/new": none("/requests/new"), "/requests/sent": none("/requests/sent"), "/requests/mine": none("/requests/mine"), "/requests/:id/edit": none("/requests/1/edit"),
	"/requests/:id": each("/requests/{id}", isNothing), "/requests/:id/:part": wire("/requests/1/create", "/requests/1/replies"), "/requests/:id/:part/:key": wire("/requests/1/slots/a"),

	"/library/topics/:topic": none("/library/topics/none"), "/library/topics.json": none("/library/topics.json?q=a"), "/places.json": none("/places.json?q=a"), "/skills.json": none("/skills.json?q=a"), "/directory": none("/directory"), "/directory/map": none("/directory/map"), "/directory.csv": none("/directory.csv"), "/directory.json": none("/directory.json"), "/library/series/:id": none("/library/series/1"),
	"/library/:id/versions/:n": each("/library/{id}/versions/1", isArticle), "/library/:id/versions/:n/diff": none("/library/1/versions/1/diff"),
	"/library/new": none("/library/new"), "/library/import": none("/library/import"), "/library/mine": none("/library/mine"), "/library/:id/edit": none("/library/1/edit"),
	"/library/:id/translate": none("/library/1/translate"), "/library/:id/used": none("/library/1/used"), "/library/:id/author": none("/library/1/author"),
	"/decisions": none("/decisions"), "/decisions/new": none("/decisions/new"), "/decisions/:id": each("/decisions/{id}", isNothing),
	"/decisions/:id/ballot": each("/decisions/{id}/ballot", isNothing), "/decisions/:id/amend": each("/decisions/{id}/amend", isNothing),
	"/library/:id/suggest": none("/library/1/suggest"), "/library/suggestions/:id": none("/library/suggestions/1"),

	// What others put into their pages: the card of a job, and its picture.
	"/jobs/:id/print": each("/jobs/{id}/print", isJob), "/jobs/:id/report": each("/jobs/{id}/report", isJob),

	// What people of this instance are asked before they answer somebody elsewhere.
	"/intents/object": none("/intents/object?object=https://coop.example/coops/telar/notes/none"), "/intents/create": none("/intents/create?content=a"),
	"/intents/follow": none("/intents/follow?object=@telar@coop.example"), "/intents/like": none("/intents/like?object=https://coop.example/coops/telar/notes/none"),
	"/intents/announce": none("/intents/announce?object=https://coop.example/coops/telar/notes/none"),

	"/search":      list("/search?q=matrix&kind=posts", isFindableByAll),
	"/search.atom": list("/search.atom?q=matrix", isFindableByAll), "/search.rss": list("/search.rss?q=matrix", isFindableByAll), "/search.json": list("/search.json?q=matrix", isFindableByAll),
	"/network": none("/network"), "/network/:host": none("/network/away.example"),
	"/settings": none("/settings"), "/settings/profile": none("/settings/profile"),
	"/home": none("/home"), "/notifications": none("/notifications"), "/desk": none("/desk"),

	"/admin": none("/admin"), "/admin/setup": none("/admin/setup"), "/admin/follows/:id": none("/admin/follows/1"), "/admin/peers": none("/admin/peers"), "/admin/peers/go": none("/admin/peers/go?host=away.example"),
	"/admin/peers/:host": none("/admin/peers/away.example"), "/admin/members": none("/admin/members"), "/admin/members/:name": none("/admin/members/carla"), "/admin/queue": none("/admin/queue"),
	"/api/v1/minga/articles/:id/suggestions":     none("/api/v1/minga/articles/1/suggestions"),
	"/api/v1/minga/suggestions":                  none("/api/v1/minga/suggestions"),
	"/api/v1/minga/suggestions/:id":              none("/api/v1/minga/suggestions/1"),
	"/api/v1/minga/hiring":                       none("/api/v1/minga/hiring"),
	"/api/v1/minga/jobs/:id/applications":        {{path: "/api/v1/minga/jobs/1/applications", closed: true}},
	"/api/v1/minga/applications/:id":             {{path: "/api/v1/minga/applications/1", closed: true}},
	"/api/v1/minga/applications/:id/files/:file": {{path: "/api/v1/minga/applications/1/files/1", closed: true}},

	"/admin/announcements": none("/admin/announcements"), "/admin/settings": none("/admin/settings"), "/admin/media": none("/admin/media"),
	"/admin/backups": none("/admin/backups"),
	"/admin/doctor":  none("/admin/doctor"),
	"/admin/keys":    none("/admin/keys"), "/admin/rehearsal": none("/admin/rehearsal"),
	"/admin/lists": none("/admin/lists"), "/admin/lists/:id": none("/admin/lists/1"), "/admin/lists/blocks.csv": none("/admin/lists/blocks.csv"), "/admin/lists/allows.csv": none("/admin/lists/allows.csv"),
	"/admin/brings/:id": none("/admin/brings/1"),
	"/admin/statements": none("/admin/statements"), "/admin/statements/:what": none("/admin/statements/about"),
	"/admin/reports": none("/admin/reports"), "/admin/reports/:id": none("/admin/reports/1"), "/admin/log": none("/admin/log"),

	"/jobs/:id/embed": each("/jobs/{id}/embed", isJob), "/api/oembed": each("/api/oembed?url=https://coop.example/jobs/{id}", isJob),
	"/cards/:name":  each("/cards/{id}.png", func(x *thing) bool { return isJob(x) || isArticle(x) }),
	"/library.atom": list("/library.atom", func(x *thing, _ *reader) bool { return isArticle(x) && isOpen(x) }),
	"/library.rss":  list("/library.rss", func(x *thing, _ *reader) bool { return isArticle(x) && isOpen(x) }),
	"/library.json": list("/library.json", func(x *thing, _ *reader) bool { return isArticle(x) && isOpen(x) }),
	"/@:name":       none("/@telar", "/@noa@away.example", "/@telar.atom", "/@telar.rss", "/@telar.json", "/@carla", "/@follower"),
	"/@:name/:id":   {{path: "/@noa@away.example/{id}", of: isAway}, {path: "/@telar/{id}", of: func(x *thing) bool { return isHere(x) && x.by.Name == "telar" && !isJob(x) && !isArticle(x) }}},
	"/tags/:tag":    none("/tags/matrix"),
	"/about":        none("/about"),
	"/interact":     none("/interact"),
	"/assets/*file": none("/assets/avatar.svg"),
	"/robots.txt":   none("/robots.txt"),
	"/sitemap.xml":  none("/sitemap.xml"), "/sitemaps/:part": none("/sitemaps/jobs-1.xml", "/sitemaps/articles-1.xml", "/sitemaps/people.xml", "/sitemaps/pages.xml"),

	"/actor": wire("/actor"), "/actor/:what": wire("/actor/outbox"), "/actor/:what/:id": wire("/actor/notes/1"), "/actor/:what/:id/:part": wire("/actor/notes/1/create"),
	"/federation": wire("/federation"), "/federation/:what": wire("/federation/outbox?page=max", "/federation/members?page=max", "/federation/requests?page=max", "/federation/jobs?order=newest", "/federation/jobs?engagement=employment"), "/federation/:what/:id": wire("/federation/notes/1", "/federation/memberships/telar"), "/federation/:what/:id/:part": wire("/federation/notes/1/create"),
	"/boards/:name": wire("/boards/jobs", "/boards/library"), "/boards/:name/:what": wire("/boards/jobs/outbox?page=max", "/boards/jobs/jobs?page=max", "/boards/library/knowledge?page=max"),
	"/boards/:name/:what/:id": wire("/boards/jobs/announces/1"), "/boards/:name/:what/:id/:part": wire("/boards/jobs/announces/1/create"),
	"/rooms": none("/rooms"), "/rooms/:id": none("/rooms/1"), "/rooms/:id/plan": none("/rooms/1/plan"), "/rooms/:id/split": none("/rooms/1/split"),
	"/rooms/:id/files/:file": none("/rooms/1/files/1"), "/rooms/:id/export.zip": none("/rooms/1/export.zip"),
	"/teams/:name": wire("/teams/none"), "/teams/:name/:what": wire("/teams/none/outbox"), "/teams/:name/:what/:id": wire("/teams/none/x/1"), "/teams/:name/:what/:id/:part": wire("/teams/none/x/1/create"),
	"/searches/:name": wire("/searches/none"), "/searches/:name/:what": wire("/searches/none/outbox"), "/searches/:name/:what/:id": wire("/searches/none/x/1"), "/searches/:name/:what/:id/:part": wire("/searches/none/x/1/create"),
	"/services/:name": wire("/services/none"), "/services/:name/:what": wire("/services/none/outbox"), "/services/:name/:what/:id": wire("/services/none/x/1"), "/services/:name/:what/:id/:part": wire("/services/none/x/1/create"),
	"/people/:name": wire("/people/carla"), "/people/:name/:what": wire("/people/carla/outbox?page=max", "/people/follower/outbox?page=max", "/people/follower/featured"),
	"/people/:name/:what/:id":       object("{object}", "/people/"),
	"/people/:name/:what/:id/:part": slices.Concat(object("{object}/create", "/people/"), object("{object}/replies", "/people/"), wire("{rootPath}/replies?page=max", "{rootPath}/context?page=max")),
	"/coops/:name":                  wire("/coops/telar"),
	"/coops/:name/:what":            wire("/coops/telar/outbox?page=max", "/coops/telar/featured", "/coops/telar/jobs?page=max", "/coops/telar/knowledge?page=max", "/coops/telar/followers?page=max"),
	"/coops/:name/:what/:id":        object("{object}", "/coops/"),
	"/coops/:name/:what/:id/:part":  slices.Concat(object("{object}/create", "/coops/"), object("{object}/replies", "/coops/"), object("{object}/replies?page=max", "/coops/"), object("{object}/context", "/coops/")),
}

// object is a document or page below an actor.
func object(path, below string) []ask {
	of := func(x *thing) bool { return isHere(x) && strings.Contains(x.iri, below) }
	asks := []ask{{path: path, of: of, accept: activityJSON}}
	if path == "{object}" {
		asks = append(asks, ask{path: path, of: of})
	}
	return asks
}

func isAnswer(x *thing, r *reader) bool {
	return x.kind == "answer" && (!r.mutes || r.account == nil)
}

func isQuote(x *thing, r *reader) bool { return x.kind == "quote" && !r.mutes }

// answers tells what answers somebody else.
func answers(x *thing) bool { return x.kind == "answer" || below(x) }

func isPinned(x *thing, _ *reader) bool { return x.kind == "note" && x.by.Name == "telar" }

// isTalk is what a conversation shows last: each thread but that of the root is one post.
func isTalk(x *thing, _ *reader) bool {
	return x.audience == coop.VisibleDirect && !below(x) && (x.kind != "answer" || x.by.Name == "telar")
}

// atHome is what is read at home: what is one's own, what one boosted, and what one
// follows, without what answers people whom one does not.
func atHome(x *thing, r *reader) bool {
	switch {
	case !published(x) || x.audience == coop.VisibleDirect:
		return false
	case r.author && x.by.Name == "telar":
		return true
	case r.boosts():
		return !x.waits && (x.audience == coop.VisiblePublic || x.audience == coop.VisibleUnlisted)
	}
	return r.follows && !r.mutes && x.kind != "answer" && !below(x)
}

// isFindable is what words find: what is one's own, kept, or public of who wants to be
// found. A token that acts for nobody kept nothing.
func isFindable(x *thing, r *reader) bool {
	return published(x) && (kept(x, r) && (!r.mutes || below(x)) || inPublic(x, r) && !below(x))
}

// isFindableByAll is what the word of all notes finds for who is nobody in particular.
func isFindableByAll(x *thing, _ *reader) bool {
	return published(x) && isOpen(x) && !below(x) && !isJob(x) && !isArticle(x)
}
