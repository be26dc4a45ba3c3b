// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// filterRoutes are what an account does not want to meet.
func (f *Face) filterRoutes() []auth.Route {
	const read, write = "read:filters", "write:filters"
	routes := []auth.Route{
		f.own("/v2/filters", read, f.filters),
		f.own("/v2/filters/:id", read, f.oneFilter),
		f.write("POST", "/v2/filters", write, auth.LimitAPI, f.createFilter),
		f.write("DELETE", "/v2/filters/:id", write, auth.LimitAPI, f.deleteFilter),

		f.own("/v2/filters/:id/keywords", read, f.filterKeywords),
		f.write("POST", "/v2/filters/:id/keywords", write, auth.LimitAPI, f.addKeyword),
		f.own("/v2/filters/keywords/:id", read, f.oneKeyword),
		f.write("DELETE", "/v2/filters/keywords/:id", write, auth.LimitAPI, f.removeKeyword),

		f.own("/v2/filters/:id/statuses", read, f.filterStatuses),
		f.write("POST", "/v2/filters/:id/statuses", write, auth.LimitAPI, f.addFilterStatus),
		f.own("/v2/filters/statuses/:id", read, f.oneFilterStatus),
		f.write("DELETE", "/v2/filters/statuses/:id", write, auth.LimitAPI, f.removeFilterStatus),

		f.own("/v1/filters", read, f.filtersV1),
		f.own("/v1/filters/:id", read, f.oneFilterV1),
		f.write("POST", "/v1/filters", write, auth.LimitAPI, f.createFilterV1),
		f.write("DELETE", "/v1/filters/:id", write, auth.LimitAPI, f.deleteFilterV1),
	}
	routes = append(routes, f.update("/v2/filters/:id", write, auth.LimitAPI, f.updateFilter)...)
	routes = append(routes, f.update("/v2/filters/keywords/:id", write, auth.LimitAPI, f.updateKeyword)...)
	return append(routes, f.update("/v1/filters/:id", write, auth.LimitAPI, f.updateFilterV1)...)
}

// filters answers GET /api/v2/filters.
func (f *Face) filters(c *gin.Context) error {
	list, err := f.Store.Filters(c.Request.Context(), auth.Account(c).ID)
	if err != nil {
		return err
	}
	out := entity.List[entity.Filter]{}
	for _, x := range list {
		out = append(out, filterOf(x))
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// ownFilter finds the filter in the path among those of the token's account.
func (f *Face) ownFilter(c *gin.Context) (*coop.Filter, error) {
	return ownIn(c, f.Store.Filter)
}

// oneFilter answers GET /api/v2/filters/:id.
func (f *Face) oneFilter(c *gin.Context) error {
	x, err := f.ownFilter(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, filterOf(x))
	return nil
}

// readFilter reads what is sent of a filter; what is not sent stays.
func (f *Face) readFilter(v input.Values, x *coop.Filter) {
	if v.Has("title") {
		x.Title = v.Text("title")
	}
	if v.Has("context") {
		x.Contexts = contextsOf(v.Texts("context"))
	}
	if act := v.Text("filter_action"); act != "" {
		x.Act = coop.FilterAct(act)
	}
	f.readExpiry(v, x)
}

// longestFilter is how long a filter that ends may hold.
const longestFilter = 10 * 365 * 24 * time.Hour

// readExpiry reads expires_in: seconds from now; sent empty or null it means for good.
func (f *Face) readExpiry(v input.Values, x *coop.Filter) {
	if !v.Has("expires_in") {
		return
	}
	seconds := v.Number("expires_in")
	switch {
	case seconds == 0:
		x.ExpiresAt = time.Time{}
	case seconds < 0 || seconds > int(longestFilter/time.Second):
		v.Complain("expires_in", coop.CodeRange, "is a number of seconds, ten years at most")
	default:
		x.ExpiresAt = f.Now().Add(time.Duration(seconds) * time.Second).UTC().Truncate(time.Millisecond)
	}
}

// contextsOf reads places, each once.
func contextsOf(names []string) []coop.FilterContext {
	var contexts []coop.FilterContext
	for _, name := range names {
		if context := coop.FilterContext(name); len(contexts) < 20 && !slices.Contains(contexts, context) {
			contexts = append(contexts, context)
		}
	}
	return contexts
}

// keywordChange is one entry of keywords_attributes.
type keywordChange struct {
	coop.FilterKeyword
	remove bool
}

// readKeywords reads keywords_attributes: new ones, changes of those with an id,
// and those that are to go. They fill in f.Keywords with what is to be checked.
func readKeywords(v input.Values, before []coop.FilterKeyword) []keywordChange {
	var changes []keywordChange
	for _, one := range v.List("keywords_attributes", "keyword") {
		change := keywordChange{remove: one.On("_destroy")}
		id, _ := coop.ParseID(one.Text("id"))
		if at := slices.IndexFunc(before, func(k coop.FilterKeyword) bool { return k.ID == id }); at >= 0 {
			change.FilterKeyword = before[at]
		} else if id != 0 || one.Text("id") != "" {
			one.Complain("id", coop.CodeUnknown, "is no keyword of this filter")
		}
		if one.Has("keyword") {
			change.Keyword = one.Text("keyword")
		}
		if whole := one.Flag("whole_word"); whole != nil {
			change.WholeWord = *whole
		}
		changes = append(changes, change)
	}
	return changes
}

// createFilter answers POST /api/v2/filters.
func (f *Face) createFilter(c *gin.Context) error {
	return f.keepFilter(c, &coop.Filter{Owner: auth.Account(c).ID, Act: coop.FilterWarn})
}

// updateFilter answers PUT and PATCH /api/v2/filters/:id.
func (f *Face) updateFilter(c *gin.Context) error {
	x, err := f.ownFilter(c)
	if err != nil {
		return err
	}
	return f.keepFilter(c, x)
}

// keepFilter reads a filter, checks and keeps it with its keywords, and answers it.
func (f *Face) keepFilter(c *gin.Context, x *coop.Filter) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	f.readFilter(v, x)
	changes := readKeywords(v, x.Keywords)
	if err := v.Err(); err != nil {
		return err
	}
	checked := *x
	checked.Keywords = nil
	for _, change := range changes {
		if !change.remove {
			checked.Keywords = append(checked.Keywords, change.FilterKeyword)
		}
	}
	if err := checked.Validate(); err != nil {
		return err
	}
	return f.saveFilter(c, &checked, changes)
}

// saveFilter keeps what was checked in one transaction.
func (f *Face) saveFilter(c *gin.Context, x *coop.Filter, changes []keywordChange) error {
	ctx, keywords := c.Request.Context(), x.Keywords
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		if x.ID == 0 {
			made := *x
			made.Keywords = slices.Clone(keywords)
			if err := tx.AddFilter(ctx, &made); err != nil {
				return err
			}
			tx.AfterCommit(func() { x.ID = made.ID })
			return nil
		}
		if err := tx.SetFilter(ctx, x); err != nil {
			return err
		}
		return changeKeywords(ctx, tx, x, changes, keywords)
	}); err != nil {
		return err
	}
	kept, err := f.Store.Filter(ctx, x.Owner, x.ID)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, filterOf(kept))
	return nil
}

// changeKeywords makes the changes; clean are those that are kept, as they were checked.
func changeKeywords(ctx context.Context, tx *storage.Tx, x *coop.Filter, changes []keywordChange, clean []coop.FilterKeyword) error {
	for _, change := range changes {
		if change.remove {
			if change.ID == 0 {
				continue
			}
			if err := tx.RemoveFilterKeyword(ctx, x.Owner, change.ID); err != nil {
				return err
			}
		}
	}
	for _, k := range clean {
		k.FilterID = x.ID
		var err error
		if k.ID == 0 {
			err = tx.AddFilterKeyword(ctx, x.Owner, &k)
		} else {
			err = tx.SetFilterKeyword(ctx, x.Owner, &k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deleteFilter answers DELETE /api/v2/filters/:id.
func (f *Face) deleteFilter(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		return tx.RemoveFilter(ctx, auth.Account(c).ID, id)
	})
}
