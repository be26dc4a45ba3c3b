// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/json"
	"fmt"
	"strings"

	"minga/coop"
	"minga/federation/sanitize"
)

// What pages say to machines in JSON-LD (schema.org). All of it stands on the page
// too; the template writes it so that no field can end the element around it.

// crumb is a step of the way to a page.
type crumb struct{ Name, Path string }

// crumbs is the way from the front page as a BreadcrumbList.
func (f *Face) crumbs(way ...crumb) map[string]any {
	var items []any
	for i, step := range way {
		items = append(items, map[string]any{"@type": "ListItem", "position": i + 1, "name": step.Name, "item": f.root() + step.Path})
	}
	return map[string]any{"@context": "https://schema.org/", "@type": "BreadcrumbList", "itemListElement": items}
}

// tell puts documents into the page, one by itself, several as a list. What is nil or
// empty is left out.
func (fr *frame) tell(docs ...any) error {
	var kept []any
	for _, doc := range docs {
		if raw, ok := doc.(json.RawMessage); doc != nil && (!ok || len(raw) > 0) {
			kept = append(kept, doc)
		}
	}
	var all any = kept
	switch len(kept) {
	case 0:
		return nil
	case 1:
		all = kept[0]
	}
	body, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("write JSON-LD: %w", err)
	}
	fr.Data = body
	return nil
}

// articleSchema is a published article of ours as schema.org's Article.
func (f *Face) articleSchema(page *articlePage, p *coop.Post) map[string]any {
	doc := map[string]any{
		"@context": "https://schema.org/", "@type": "Article", "@id": string(p.IRI), "url": p.URL, "headline": coop.Shorten(p.Title, 110), "description": p.Summary,
		"datePublished": page.Stamp(p.Published), "dateModified": page.Stamp(lastChange(p)), "author": f.organization(p.Author),
		"publisher": map[string]any{"@type": "Organization", "name": page.Federation, "url": f.root() + "/"},
	}
	if p.Language != "" {
		doc["inLanguage"] = p.Language
	}
	if page.Licence.URL != "" {
		doc["license"] = page.Licence.URL
	}
	if len(page.Topics) > 0 {
		names := make([]string, len(page.Topics))
		for i, topic := range page.Topics {
			names[i] = topic.Name
		}
		doc["keywords"] = strings.Join(names, ", ")
	}
	return doc
}

// postSchema is a public post of ours, whose author wants to be found, as schema.org's
// DiscussionForumPosting; nil for any other. What stands behind a warning is left out.
func (f *Face) postSchema(page *postPage, p *coop.Post) map[string]any {
	if !p.Local || page.NoIndex || page.Post.Warning != "" || page.Post.Delicate {
		return nil
	}
	doc := map[string]any{
		"@context": "https://schema.org/", "@type": "DiscussionForumPosting", "@id": string(p.IRI), "url": page.Canonical, "datePublished": page.Stamp(p.Published),
		"author": f.organization(p.Author), "commentCount": len(page.Thread),
	}
	if text := sanitize.Text(string(page.Post.Text.HTML)); text != "" {
		doc["text"] = text
	}
	if p.Updated.After(p.Published) {
		doc["dateModified"] = page.Stamp(p.Updated)
	}
	if page.Post.Text.Lang != "" {
		doc["inLanguage"] = page.Post.Text.Lang
	}
	var pictures []string
	for _, file := range page.Post.Files {
		if file.Picture != "" {
			pictures = append(pictures, f.absolute(file.Picture))
		}
	}
	if len(pictures) > 0 {
		doc["image"] = pictures
	}
	if doc["text"] == nil && doc["image"] == nil {
		return nil
	}
	return doc
}

// absolute is an address of this instance with its host.
func (f *Face) absolute(path string) string {
	if strings.HasPrefix(path, "/") {
		return f.root() + path
	}
	return path
}

// organization names an account as schema.org does.
func (f *Face) organization(a *coop.Account) map[string]any {
	who := f.person(a)
	kind := "Organization"
	if a != nil && a.Kind == coop.Person {
		kind = "Person"
	}
	doc := map[string]any{"@type": kind, "name": who.Name}
	if a != nil {
		doc["@id"], doc["url"] = string(a.IRI), a.URL
	}
	if who.Picture != "" && kind == "Organization" {
		doc["logo"] = f.absolute(who.Picture)
	}
	return doc
}

// profileSchema is a co-op or federation of ours as an Organization, with what its
// page says of it.
func (f *Face) profileSchema(page *profilePage, a *coop.Account) map[string]any {
	doc := f.organization(a)
	doc["@context"] = "https://schema.org/"
	if page.Description != "" {
		doc["description"] = page.Description
	}
	if page.Site != "" {
		doc["sameAs"] = page.Site
	}
	if a.Coop == nil {
		return doc
	}
	if p := a.Coop.Place; p != nil {
		doc["address"] = postal(p)
	}
	if a.Coop.Founded != "" {
		doc["foundingDate"] = a.Coop.Founded
	}
	return doc
}

// postal is a place as schema.org's PostalAddress; empty parts are left out.
func postal(p *coop.Place) map[string]any {
	doc := map[string]any{"@type": "PostalAddress"}
	for name, value := range map[string]string{
		"streetAddress": p.Street, "postalCode": p.PostCode, "addressLocality": p.Locality, "addressRegion": p.Region, "addressCountry": p.Country,
	} {
		if value != "" {
			doc[name] = value
		}
	}
	return doc
}
