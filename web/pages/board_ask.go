// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/url"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/inbox"
	"minga/web/auth"
)

// askPath is the board after other servers were asked the same. It is an address of its
// own, because it makes us ask them: few may be asked for by one visitor, and no search
// engine follows a button.
const askPath = "/jobs/ask"

// askRoutes are the page's.
func (f *Face) askRoutes() []auth.Route {
	routes := publicPage(askPath, f.askNetwork)
	routes[0].Limit, routes[1].Limit = auth.LimitAsk, auth.LimitAsk
	return routes
}

// askNetwork answers GET /jobs/ask: federations that nobody here follows are asked, for
// two seconds in all, and the board shows what it has then.
func (f *Face) askNetwork(c *gin.Context) error {
	query := coop.ParseJobQuery(c.Request.URL.Query())
	query.Ask = false
	c.Header("Cache-Control", "private, no-store")
	if query.Nothing {
		return f.showBoard(c, query, []inbox.Answer{})
	}
	asked := query.Values()
	asked.Del("source") // near and far are another thing there
	asked.Del("state")
	heard, err := f.Inbox.AskNetwork(c.Request.Context(), asked)
	if err != nil {
		return err
	}
	if heard == nil {
		heard = []inbox.Answer{}
	}
	return f.showBoard(c, query, heard)
}

// fillNetwork offers to ask the network, or says who answered.
func (p *boardPage) fillNetwork(heard []inbox.Answer, asked url.Values) {
	for _, name := range sortedNames(asked) {
		for _, value := range asked[name] {
			p.Asked = append(p.Asked, coop.QueryValue{Name: name, Value: value})
		}
	}
	if heard == nil {
		return
	}
	p.WasAsked, p.NoIndex = true, true
	p.Canonical, p.Alternates = "", nil
	for _, answer := range heard {
		if answer.Heard {
			p.Heard = append(p.Heard, answer)
		} else {
			p.Silent = append(p.Silent, answer.Host)
		}
	}
}
