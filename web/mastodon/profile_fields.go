// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"minga/coop"
	"minga/federation/origin"
	"minga/web/mastodon/input"
)

// fillProfile writes what was sent into a profile.
func fillProfile(a *coop.Account, v input.Values) {
	for name, to := range map[string]*string{"display_name": &a.DisplayName, "note": &a.BioSource} {
		if v.Has(name) {
			*to = v.Text(name)
		}
	}
	for name, to := range map[string]*bool{"locked": &a.Locked, "discoverable": &a.Discoverable, "indexable": &a.Indexable, "hide_collections": &a.HideCollections} {
		if b := v.Flag(name); b != nil {
			*to = *b
		}
	}
	for name, to := range map[string]*bool{"show_media": &a.Tabs.NoMedia, "show_media_replies": &a.Tabs.NoMediaReplies, "show_featured": &a.Tabs.NoFeatured} {
		if b := v.Flag(name); b != nil {
			*to = !*b
		}
	}
	if b := v.Flag("bot"); b != nil && a.Kind == coop.Person {
		a.ActorType = map[bool]string{true: "Service", false: "Person"}[*b]
	}
	if v.Has("attribution_domains") {
		a.Domains = domainsOf(v)
	}
	if v.Has("fields_attributes") {
		a.Fields = fieldsOf(a.Fields, v.List("fields_attributes", "name"))
	}
}

// mostDomains is how many sites may name an account as their author.
const mostDomains = 10

// domainsOf are the hosts that were sent; what is none is complained about.
func domainsOf(v input.Values) []string {
	var list []string
	for _, text := range v.Texts("attribution_domains") {
		host, err := origin.NormalizeHost(strings.TrimSpace(text))
		if err != nil || !strings.Contains(host, ".") {
			v.Complain("attribution_domains", coop.CodeFormat, "names of sites, such as example.org")
			continue
		}
		if !slices.Contains(list, host) {
			list = append(list, host)
		}
	}
	if len(list) > mostDomains {
		v.Complain("attribution_domains", coop.CodeTooMany, fmt.Sprintf("at most %d", mostDomains))
	}
	return list
}

// fieldsOf are the fields that were sent; empty ones are left out. A field that says
// what it said before stays as it is, also one that was not typed as plain text.
func fieldsOf(known []coop.Field, rows []input.Values) []coop.Field {
	var fields []coop.Field
	for _, row := range rows {
		field := coop.Field{Name: row.Text("name"), Source: row.Text("value")}
		if strings.TrimSpace(field.Name+field.Source) == "" {
			continue
		}
		for _, k := range known {
			if k.Source == "" && typedField(k) == field.Source {
				field.Value, field.Source = k.Value, ""
			}
		}
		fields = append(fields, field)
	}
	return fields
}

// fillPosting writes how an account usually posts.
func fillPosting(a *coop.Account, v input.Values) {
	if privacy := v.Text("privacy"); privacy != "" {
		if a.Posting.Visibility = coop.Visibility(privacy); privacy == "private" {
			a.Posting.Visibility = coop.VisibleFollowers
		} else if a.Posting.Visibility == coop.VisibleFollowers {
			a.Posting.Visibility = "?" // only the API's own word for it is taken
		}
	}
	if b := v.Flag("sensitive"); b != nil {
		a.Posting.Sensitive = *b
	}
	if v.Has("language") {
		a.Posting.Language = v.Text("language")
	}
}

// sentNames gives complaints about a profile the names under which things were sent.
func sentNames(err error) error {
	var list coop.Invalid
	if !errors.As(err, &list) {
		return err
	}
	renamed := make(coop.Invalid, len(list))
	for i, one := range list {
		field := *one
		switch {
		case field.Field == "bio":
			field.Field = "note"
		case field.Field == "privacy":
			field.Field = "source.privacy"
		case field.Field == "posting.language":
			field.Field = "source.language"
		case strings.HasPrefix(field.Field, "fields"):
			field.Field = "fields_attributes" + strings.TrimPrefix(field.Field, "fields")
		}
		renamed[i] = &field
	}
	return renamed
}
