// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"

	"minga/coop"
	"minga/storage"
	"minga/web/respond"
)

// previewView says what a decision would change, and asks for it.
type previewView struct {
	decision
	Word      string // of the decision
	Says      string // what it means, in words
	Until     moment
	Cuts      []string // in words
	Follows   []person
	Followers bool
	Restores  bool // it ends a block
	Danger    bool
}

// preview says what a decision would change.
func (f *Face) preview(ctx context.Context, t respond.Tongue, host string, d decision, now coop.PeerPolicy) (*previewView, error) {
	word := policyWord(d.Policy)
	view := &previewView{
		decision: d, Word: word, Says: t.T("admin_policy_" + word + "_means"), Until: momentOf(t, d.until(f.Now())),
		Restores: now == coop.PolicyBlock && d.Policy != coop.PolicyBlock, Danger: d.Policy == coop.PolicyBlock,
	}
	if d.Policy != coop.PolicyBlock {
		return view, nil
	}
	cuts, err := f.Store.PeerCuts(ctx, host)
	if err != nil {
		return nil, err
	}
	view.Cuts = cutTexts(t, cuts)
	seen := map[coop.ID]bool{}
	for _, x := range cuts.Follows {
		for _, a := range []*coop.Account{x.Follower, x.Target} {
			if a != nil && !a.Local && !seen[a.ID] {
				seen[a.ID] = true
				view.Follows = append(view.Follows, f.person(a))
			}
		}
	}
	return view, nil
}

// cutTexts are the counts of what would be cut, in words; what is none is not said.
func cutTexts(t respond.Tongue, cuts storage.PeerCuts) []string {
	var list []string
	for _, line := range []struct {
		key string
		n   int
	}{
		{"admin_cut_followers", cuts.Followers},
		{"admin_cut_following", cuts.Following},
		{"admin_cut_members", cuts.Members},
		{"admin_cut_federations", cuts.Federations},
		{"admin_cut_jobs", cuts.Jobs},
		{"admin_cut_articles", cuts.Articles},
		{"admin_cut_posts", cuts.OtherPosts},
		{"admin_cut_brought", cuts.Brought},
		{"admin_cut_deliveries", cuts.Deliveries},
	} {
		if line.n > 0 {
			list = append(list, t.N(line.key, line.n))
		}
	}
	return list
}
