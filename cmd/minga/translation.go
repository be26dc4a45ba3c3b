// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"minga/federation"
	"minga/outbox/translate"
	"minga/web/admin"
)

// translationService is who translates for readers.
type translationService struct{ URL, Key string }

// readTranslation reads which service translates. Without an address none does.
func (c *Config) readTranslation(r *configReader) {
	address, key := r.text("translate_url", ""), r.text("translate_key", "")
	if address == "" {
		if key != "" {
			r.fail("translate_key", "needs translate_url")
		}
		return
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		r.fail("translate_url", "is an address such as https://translate.example.org or http://127.0.0.1:5000, without a name, password or query")
		return
	case u.Scheme == "http" && strings.Contains(u.Hostname(), ".") && publicName(u.Host):
		r.fail("translate_url", "is https for a public name: the key and what people read would be open on the way")
		return
	}
	c.Translation = &translationService{strings.TrimSuffix(address, "/"), key}
}

// openTranslator makes what asks the service, with a client of its own: the service may
// lie in an inside network and speak plain http, since only the configuration can name
// it; peers never lead there.
func (i *instance) openTranslator(context.Context) error {
	to := i.config.Translation
	if to == nil {
		return nil
	}
	client, err := federation.New(federation.Options{
		UserAgent: "minga/" + version + " (+" + i.config.BaseURL() + ")", Dev: true, ExtraCA: i.extraCA, Now: i.now, Trusted: []string{dialled(to.URL)}, Hosts: 1,
	})
	if err != nil {
		return fmt.Errorf("client of the translation service: %w", err)
	}
	i.translatorClient = client
	i.translator, err = translate.New(translate.Options{Store: i.store, URL: to.URL, Key: to.Key, Client: client, Now: i.now, Log: i.log})
	return err
}

// translation asks the service for its languages, and has one word translated.
func (l *lookout) translation(ctx context.Context) []admin.Finding {
	if l.i.translator == nil {
		return nil
	}
	pairs, err := l.i.translator.Try(ctx)
	if err != nil {
		return one(failed("translation", err))
	}
	return one(fine("translation", fmt.Sprintf("%s: %d", l.i.translator.Provider(), pairs)))
}
