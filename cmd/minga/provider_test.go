// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/web/auth"
)

func TestAProviderIsConfigured(t *testing.T) {
	good := map[string]string{"MINGA_HOST": "coop.example", "MINGA_OIDC_ISSUER": "https://sso.coop.example/realms/all", "MINGA_OIDC_CLIENT_ID": "minga"}
	for _, tt := range []struct {
		name, key, value string
		complaint        string // empty: it is fine
	}{
		{"an issuer and a client", "", "", ""},
		{"no client", "MINGA_OIDC_CLIENT_ID", "", "oidc_client_id"},
		{"no issuer", "MINGA_OIDC_ISSUER", "", "oidc_client_id"},
		{"plain http", "MINGA_OIDC_ISSUER", "http://sso.coop.example", "https"},
		{"no address", "MINGA_OIDC_ISSUER", "sso.coop.example", "oidc_issuer"},
		{"a query", "MINGA_OIDC_ISSUER", "https://sso.coop.example?a=b", "oidc_issuer"},
		{"a rank without a claim", "MINGA_OIDC_RANKS", "mods=moderator", "oidc_claim"},
		{"an owner from elsewhere", "MINGA_OIDC_RANKS", "boss=owner", "owners"},
		{"a rank of nobody", "MINGA_OIDC_RANKS", "admin", "oidc_ranks"},
		{"a role that is none", "MINGA_OIDC_ROLES", "bakers=telar:baker", "oidc_roles"},
		{"a role nowhere", "MINGA_OIDC_ROLES", "bakers=publisher", "oidc_roles"},
		{"a switch that is none", "MINGA_OIDC_ONLY", "perhaps", "oidc_only"},
	} {
		env := map[string]string{}
		for key, value := range good {
			env[key] = value
		}
		env[tt.key] = tt.value
		_, err := loadConfig(&settingFlags{}, "", fakeLookups(env, nil))
		if (err == nil) != (tt.complaint == "") || err != nil && !strings.Contains(err.Error(), tt.complaint) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	good["MINGA_OIDC_CLAIM"], good["MINGA_OIDC_RANKS"], good["MINGA_OIDC_ROLES"] = "groups", "mods=moderator", "bakers=@telar:publisher,bakers=telar:hirer"
	good["MINGA_OIDC_RANKS"] = "mods=moderator, a=b=admin"
	c, err := loadConfig(&settingFlags{}, "", fakeLookups(good, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := &auth.ProviderOptions{
		Issuer: "https://sso.coop.example/realms/all", ID: "minga", Redirect: "https://coop.example/sign-in/provider/back", Name: "sso.coop.example", Claim: "groups",
		Ranks: map[string]coop.Rank{"mods": coop.RankModerator, "a=b": coop.RankAdmin},
		Roles: map[string][]auth.ProviderRole{"bakers": {{Coop: "telar", Role: coop.Publisher}, {Coop: "telar", Role: coop.Hirer}}},
	}
	if diff := cmp.Diff(want, c.Provider); diff != "" {
		t.Error(diff)
	}
	if got := dialled(c.Provider.Issuer) + " " + dialled("http://sso.localhost:8081/x"); got != "sso.coop.example:443 sso.localhost:8081" {
		t.Error(got)
	}
}
