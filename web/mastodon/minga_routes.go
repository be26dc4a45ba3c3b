// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// knowledgeRoutes are what stands around articles: versions, translations, who used
// and cites them, series and topics.
func (f *Face) knowledgeRoutes() []auth.Route {
	public := func(path string, h respond.Handler) auth.Route { return f.public("/v1/minga"+path, "", h) }
	write := func(method, path string, limit auth.Limit, h respond.Handler) auth.Route {
		return f.write(method, "/v1/minga"+path, scopeWrite, limit, h)
	}
	return append(f.update("/v1/minga/series/:id", scopeWrite, auth.LimitAPI, f.updateSeries),
		public("/articles/:id/revisions/:n", f.revision),
		public("/articles/:id/revisions/:n/diff", f.revisionDiff),
		write("POST", "/articles/:id/revisions/:n/restore", auth.LimitPosts, f.restoreRevision),
		public("/articles/:id/translations", f.translations),
		write("POST", "/articles/:id/translations", auth.LimitPosts, f.translate),
		public("/articles/:id/citations", f.citations),
		write("POST", "/articles/:id/used", auth.LimitAPI, f.useArticle),
		write("DELETE", "/articles/:id/used", auth.LimitAPI, f.unuseArticle),
		write("POST", "/articles/:id/checked", auth.LimitPosts, f.checkArticle),
		public("/licences", f.licences),

		public("/series", f.listSeries),
		public("/series/:id", f.getSeries),
		write("POST", "/series", auth.LimitPosts, f.createSeries),

		public("/topics", f.listTopics),
		write("POST", "/topics", auth.LimitAPI, f.createTopic).For(coop.ActCoordinate),
		write("POST", "/topics/:id/follow", auth.LimitAPI, f.followTopic).For(coop.ActRelate),
		write("DELETE", "/topics/:id/follow", auth.LimitAPI, f.followTopic).For(coop.ActRelate),
	)
}

// directoryRoutes are the directory beside its co-ops, words to choose from, and what
// waits for who asks.
func (f *Face) directoryRoutes() []auth.Route {
	public := func(path string, h respond.Handler) auth.Route { return f.public("/v1/minga"+path, "", h) }
	own := func(path string, h respond.Handler) auth.Route { return f.own("/v1/minga"+path, scopeRead, h) }
	write := func(method, path string, h respond.Handler) auth.Route {
		return f.write(method, "/v1/minga"+path, scopeWrite, auth.LimitAPI, h).For(coop.ActServices)
	}
	return []auth.Route{
		public("/coops/facets", f.coopFacets),
		public("/coops/map", f.coopMap),
		public("/skills", f.skills),
		public("/places", f.places),
		own("/activity", f.activity),

		public("/coops/listed", f.listedCoops),
		public("/coops/lists", f.openLists),
		public("/coops/cover", f.whoCanCover),
		public("/coops/:id/services", f.coopServices),
		write("PUT", "/coops/:id/services", f.setServices), write("PATCH", "/coops/:id/services", f.setServices),
		public("/coops/:id/capacity", f.coopCapacity),
		write("PUT", "/coops/:id/capacity", f.setCapacity), write("PATCH", "/coops/:id/capacity", f.setCapacity),
		public("/terms", f.listTerms),
		public("/terms/twins", f.listTwins),
		write("POST", "/terms/:id/:step", f.changeTerm),
	}
}
