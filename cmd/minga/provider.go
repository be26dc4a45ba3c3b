// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"minga/coop"
	"minga/federation"
	"minga/web/auth"
	"minga/web/pages"
)

// readProvider reads at which other provider people sign in. Without an issuer there
// is none.
func (c *Config) readProvider(r *configReader) {
	issuer := r.text("oidc_issuer", "")
	if issuer == "" {
		for _, key := range []string{"oidc_client_id", "oidc_client_secret", "oidc_name", "oidc_only", "oidc_accounts", "oidc_claim", "oidc_ranks", "oidc_roles"} {
			if r.text(key, "") != "" {
				r.fail(key, "needs oidc_issuer")
			}
		}
		return
	}
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		r.fail("oidc_issuer", "is an address such as https://sso.example.org/realms/coop, without a query")
		return
	case u.Scheme == "http" && !c.Dev:
		r.fail("oidc_issuer", "is https: over http anybody could vouch for anybody")
	}
	p := &auth.ProviderOptions{
		Issuer: issuer, ID: r.text("oidc_client_id", ""), Secret: r.text("oidc_client_secret", ""), Redirect: c.BaseURL() + pages.ProviderBack,
		Name: coop.CleanLine(r.text("oidc_name", u.Hostname()), 60), Only: r.flag("oidc_only", false), Accounts: r.flag("oidc_accounts", false), Claim: r.text("oidc_claim", ""),
	}
	if p.ID == "" {
		r.fail("oidc_client_id", "is needed beside oidc_issuer")
	}
	p.Ranks, p.Roles = r.ranks("oidc_ranks"), r.roles("oidc_roles")
	if p.Claim == "" && len(p.Ranks)+len(p.Roles) > 0 {
		r.fail("oidc_claim", "names the claim that lists groups, such as groups; oidc_ranks and oidc_roles need it")
	}
	c.Provider = p
}

// pairs reads a list of what=what; what stands left of the last =.
func (r *configReader) pairs(key string) [][2]string {
	var pairs [][2]string
	for _, part := range strings.Split(r.text(key, ""), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		at := strings.LastIndexByte(part, '=')
		if at <= 0 || at == len(part)-1 {
			r.fail(key, "%q is not group=what it stands for", part)
			continue
		}
		pairs = append(pairs, [2]string{strings.TrimSpace(part[:at]), strings.TrimSpace(part[at+1:])})
	}
	return pairs
}

// ranks reads which groups stand for which ranks. An owner is made here alone.
func (r *configReader) ranks(key string) map[string]coop.Rank {
	ranks := map[string]coop.Rank{}
	for _, pair := range r.pairs(key) {
		rank := coop.Rank(pair[1])
		if rank != coop.RankModerator && rank != coop.RankAdmin {
			r.fail(key, "%q is neither moderator nor admin; owners are made by the command line", pair[1])
		}
		ranks[pair[0]] = rank
	}
	return ranks
}

// roles reads which groups stand for which roles in which co-ops, as group=coop:role.
func (r *configReader) roles(key string) map[string][]auth.ProviderRole {
	roles := map[string][]auth.ProviderRole{}
	for _, pair := range r.pairs(key) {
		name, word, _ := strings.Cut(pair[1], ":")
		role := coop.Role(word)
		if name == "" || !slices.Contains(coop.AllRoles(), role) {
			r.fail(key, "%q is not coop:role with a role such as publisher", pair[1])
		}
		roles[pair[0]] = append(roles[pair[0]], auth.ProviderRole{Coop: strings.TrimPrefix(name, "@"), Role: role})
	}
	return roles
}

// openProvider makes the provider with a client of its own: the issuer may lie in an
// inside network, since only the configuration can name it; peers never lead there.
func (i *instance) openProvider() (*auth.Provider, error) {
	o := i.config.Provider
	if o == nil {
		return nil, nil
	}
	client, err := federation.New(federation.Options{
		UserAgent: "minga/" + version + " (+" + i.config.BaseURL() + ")", OwnHosts: i.config.hosts(),
		Dev: i.config.Dev, AllowNets: i.config.AllowNets, ExtraCA: i.extraCA, Now: i.now, Trusted: []string{dialled(o.Issuer)}, Hosts: 4,
	})
	if err != nil {
		return nil, fmt.Errorf("client of the provider: %w", err)
	}
	i.providerClient = client
	o.Client, o.Now = client, i.now
	return auth.NewProvider(*o), nil
}

// dialled is the host:port of an address.
func dialled(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
