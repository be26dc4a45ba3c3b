// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// NotificationGroups lists what an account was told as lines, the one with the newest
// notification first, paged by the ids of those: each line comes once, however long
// the list. Of the kinds in grouped several about the same thing are one line.
func (r reader) NotificationGroups(ctx context.Context, q NotificationQuery, grouped []coop.NotificationKind, page coop.Page) ([]coop.NotificationGroup, error) {
	var a args
	from := r.headsFrom(ctx, &a, q, grouped)
	p := a.page("n.id", page)
	heads, err := all(ctx, r, scanNotification, `
		SELECT `+notificationColumns+from+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("notifications of %s in groups: %w", q.Account, err)
	}
	return r.groupsOf(ctx, q, grouped, newestFirst(p, heads))
}

// headsFrom is the rest of a question about notifications n that are the newest of
// their group.
func (r reader) headsFrom(ctx context.Context, a *args, q NotificationQuery, grouped []coop.NotificationKind) string {
	from := r.notificationsFrom(ctx, a, q)
	if len(grouped) == 0 {
		return from
	}
	filtered := " AND NOT y.filtered"
	if q.Filtered {
		filtered = ""
	}
	return from + ` AND (n.group_key = '' OR n.kind NOT IN ` + in(a, texts(grouped[:min(len(grouped), mostKinds)])) + ` OR NOT EXISTS (
				SELECT 1 FROM notifications y
				LEFT JOIN accounts z ON z.id = y.from_id
				WHERE y.account_id = n.account_id AND y.group_key = n.group_key AND y.group_key <> '' AND y.id > n.id` + filtered + `
					AND COALESCE(z.suspended_at, 0) = 0 AND COALESCE(z.deleted_at, 0) = 0))`
}

// CountNotificationGroups counts the lines whose newest notification is above an
// id, most at most.
func (r reader) CountNotificationGroups(ctx context.Context, q NotificationQuery, grouped []coop.NotificationKind, above coop.ID, most int) (int, error) {
	var a args
	from := r.headsFrom(ctx, &a, q, grouped)
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM (SELECT n.id`+from+` AND n.id > `+a.add(int64(above))+` LIMIT `+a.add(most)+`) k`, a...)
	if err != nil {
		return 0, fmt.Errorf("count notifications of %s in groups: %w", q.Account, err)
	}
	return int(n), nil
}

// NotificationGroup finds one line of an account by its key, or gives
// [coop.ErrNotFound].
func (r reader) NotificationGroup(ctx context.Context, account coop.ID, key string) (*coop.NotificationGroup, error) {
	alone, group, err := coop.ParseGroupKey(key)
	if err != nil {
		return nil, err
	}
	var a args
	q := NotificationQuery{Account: account, Filtered: true}
	from := r.notificationsFrom(ctx, &a, q)
	which := inGroup(&a, alone, group)
	head, err := first(ctx, r, scanNotification, "SELECT "+notificationColumns+from+" AND "+which+" ORDER BY n.id DESC LIMIT 1", a...)
	if err != nil {
		return nil, fmt.Errorf("notifications of %s in a group: %w", account, err)
	}
	var grouped []coop.NotificationKind
	if group != "" {
		grouped = []coop.NotificationKind{head.Kind}
	}
	groups, err := r.groupsOf(ctx, q, grouped, []coop.Notification{head})
	if err != nil {
		return nil, err
	}
	return &groups[0], nil
}

// inGroup is the condition that a notification stands in a line.
func inGroup(a *args, alone coop.ID, group string) string {
	if group == "" {
		return "n.id = " + a.add(int64(alone))
	}
	return "n.group_key <> '' AND n.group_key = " + a.add(cleanText(group))
}

// sampled is how many of those who did it a line shows.
const sampled = 8

// groupsOf makes lines of their newest notifications, in the same order.
func (r reader) groupsOf(ctx context.Context, q NotificationQuery, grouped []coop.NotificationKind, heads []coop.Notification) ([]coop.NotificationGroup, error) {
	groups := make([]coop.NotificationGroup, len(heads))
	place := map[string]int{}
	var keys []string
	for i, n := range heads {
		groups[i] = coop.NotificationGroup{Key: coop.Notification{ID: n.ID}.GroupKey(), Latest: n, Count: 1, PageMin: n.ID, PageMax: n.ID, Accounts: 1}
		if n.Group != "" && hasKind(grouped, n.Kind) {
			groups[i].Key, place[n.Group] = n.Group, i
			keys = append(keys, n.Group)
		}
	}
	if err := r.fillWho(ctx, heads); err != nil {
		return nil, err
	}
	for i, n := range heads {
		groups[i].Latest = n
		if n.From != nil {
			groups[i].Samples = []*coop.Account{n.From}
		}
	}
	if len(keys) == 0 {
		return groups, nil
	}
	if err := r.fillCountsOfGroups(ctx, q, heads[len(heads)-1].ID, keys, func(key string) *coop.NotificationGroup { return &groups[place[key]] }); err != nil {
		return nil, err
	}
	return groups, r.fillSamples(ctx, q, keys, func(key string) *coop.NotificationGroup { return &groups[place[key]] })
}

// hasKind tells whether a kind is among some.
func hasKind(kinds []coop.NotificationKind, kind coop.NotificationKind) bool {
	for _, k := range kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// fillCountsOfGroups counts groups, and finds the oldest of each that the page
// covers: what is not below lowest.
func (r reader) fillCountsOfGroups(ctx context.Context, q NotificationQuery, lowest coop.ID, keys []string, at func(string) *coop.NotificationGroup) error {
	var a args
	low := a.add(int64(lowest))
	from := r.notificationsFrom(ctx, &a, q)
	type count struct {
		key         string
		n, accounts int
		oldest      int64
	}
	counts, err := all(ctx, r, func(row pgx.CollectableRow) (c count, err error) {
		err = row.Scan(&c.key, &c.n, &c.accounts, &c.oldest)
		return c, err
	}, `
		SELECT n.group_key, COUNT(*), COUNT(DISTINCT n.from_id), MIN(CASE WHEN n.id >= `+low+` THEN n.id ELSE 9000000000000000 END)`+from+`
			AND n.group_key <> '' AND n.group_key IN `+in(&a, keys)+`
		GROUP BY n.group_key`, a...)
	if err != nil {
		return fmt.Errorf("count groups of notifications: %w", err)
	}
	for _, c := range counts {
		g := at(c.key)
		g.Count, g.Accounts, g.PageMin = c.n, c.accounts, min(coop.ID(c.oldest), g.PageMax)
	}
	return nil
}

// fillSamples finds who did it last, for each group.
func (r reader) fillSamples(ctx context.Context, q NotificationQuery, keys []string, at func(string) *coop.NotificationGroup) error {
	var a args
	from := r.notificationsFrom(ctx, &a, q)
	type sample struct {
		key  string
		from int64
	}
	samples, err := all(ctx, r, func(row pgx.CollectableRow) (s sample, err error) {
		err = row.Scan(&s.key, &s.from)
		return s, err
	}, `
		SELECT k.group_key, k.from_id
		FROM (
			SELECT n.group_key, n.from_id, n.id, ROW_NUMBER() OVER (PARTITION BY n.group_key ORDER BY n.id DESC) AS place`+from+`
				AND n.group_key <> '' AND n.group_key IN `+in(&a, keys)+`) k
		WHERE k.place <= `+a.add(sampled)+`
		ORDER BY k.id DESC`, a...)
	if err != nil {
		return fmt.Errorf("who is in groups of notifications: %w", err)
	}
	ids := make([]coop.ID, len(samples))
	for i, s := range samples {
		ids[i] = coop.ID(s.from)
	}
	who, err := r.accountsIn(ctx, ids)
	if err != nil {
		return err
	}
	for _, key := range keys {
		at(key).Samples = nil
	}
	for _, s := range samples {
		if account := who[coop.ID(s.from)]; account != nil {
			at(s.key).Samples = append(at(s.key).Samples, account)
		}
	}
	return nil
}

// NotificationGroupAccounts lists who is in a line of an account, the last first,
// by a page of the ids of their notifications; [coop.ErrNotFound] where there is no
// such line.
func (r reader) NotificationGroupAccounts(ctx context.Context, account coop.ID, key string, page coop.Page) ([]coop.Notification, error) {
	alone, group, err := coop.ParseGroupKey(key)
	if err != nil {
		return nil, err
	}
	var a args
	from := r.notificationsFrom(ctx, &a, NotificationQuery{Account: account, Filtered: true})
	which := inGroup(&a, alone, group)
	p := a.page("n.id", page)
	list, err := all(ctx, r, scanNotification, "SELECT "+notificationColumns+from+" AND "+which+" AND "+p.where+" "+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("who is in a group of notifications: %w", err)
	}
	return newestFirst(p, list), r.fillWho(ctx, list)
}

// DismissNotificationGroup removes a line of an account; a missing one is no error.
func (tx *Tx) DismissNotificationGroup(ctx context.Context, account coop.ID, key string) error {
	alone, group, err := coop.ParseGroupKey(key)
	if err != nil {
		return err
	}
	if group == "" {
		return tx.DismissNotification(ctx, account, alone)
	}
	_, err = tx.exec(ctx, `
		DELETE FROM notifications
		WHERE account_id = $1 AND group_key <> '' AND group_key = $2`, int64(account), cleanText(group))
	return err
}
