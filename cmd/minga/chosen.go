// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"minga/coop"
	"minga/storage"
	"minga/web/admin"
)

// Some settings may be chosen on a page. They lie in the database under the same key and
// count where nothing above it sets them. They are held in memory and read again each
// minute, because another node may have changed them.

// chosen are the values that were chosen on pages, by their key.
type chosen struct {
	mu     sync.RWMutex
	values map[string]string
}

// pageSettings are those that a page may change, with what they may be.
var pageSettings = []admin.Setting{
	{Key: "default_language"}, // its words are the languages of the pages
	{Key: "federation_follows", Words: []string{"by-hand", "allowed", "at-once"}},
	{Key: "ended_follow", Words: []string{"hide", "keep"}},
	{Key: "membership_decision", Words: admitters},
	{Key: "job_days", Least: 1, Most: 90},
	{Key: "search_max", Least: 1, Most: 200},
}

// pageSetting finds one of them.
func (c *Config) pageSetting(key string) (admin.Setting, bool) {
	at := slices.IndexFunc(pageSettings, func(s admin.Setting) bool { return s.Key == key })
	if at < 0 {
		return admin.Setting{}, false
	}
	found := pageSettings[at]
	if key == "default_language" {
		found.Words = c.Languages
	}
	return found, true
}

// fits tells whether a setting may have a value.
func fits(s admin.Setting, value string) bool {
	if s.Words != nil {
		return slices.Contains(s.Words, value)
	}
	n, err := strconv.Atoi(value)
	return err == nil && n >= s.Least && n <= s.Most
}

// pick is what was chosen on a page for a key, else what is configured.
func (i *instance) pick(key, configured string) string {
	if _, fixed := i.current().values[key]; fixed {
		return configured
	}
	i.chosen.mu.RLock()
	defer i.chosen.mu.RUnlock()
	if value, ok := i.chosen.values[key]; ok {
		return value
	}
	return configured
}

// readChosen reads what was chosen on pages; what no longer fits counts as nothing.
func (i *instance) readChosen(ctx context.Context) error {
	kept, err := i.store.Settings(ctx)
	if err != nil {
		return err
	}
	maps.DeleteFunc(kept, func(key, value string) bool {
		s, ours := i.config.pageSetting(key)
		return !ours || !fits(s, value)
	})
	i.chosen.mu.Lock()
	defer i.chosen.mu.Unlock()
	i.chosen.values = kept
	return nil
}

// shownSettings are the settings for the pages of the staff.
type shownSettings struct{ i *instance }

// List is every setting with its value, its origin and its default.
func (s shownSettings) List(ctx context.Context) ([]admin.Setting, error) {
	if err := s.i.readChosen(ctx); err != nil {
		return nil, err
	}
	defaults := settingDefaults()
	var list []admin.Setting
	for _, row := range s.i.current().rows() {
		one, ours := s.i.config.pageSetting(row.Key)
		one.Key, one.Page, one.Default, one.Value = row.Key, ours, defaults[row.Key], row.Value
		if row.Key == "default_language" {
			one.Default = s.i.config.usualLanguage()
		}
		one.From, one.Where = settingOrigin(row.Origin)
		if row.Key == "rehearsal" {
			state, err := s.i.store.Rehearsal(ctx)
			if err != nil {
				return nil, err
			}
			one.Value = rehearsalRow(row, state).Value
		}
		if one.From == admin.FromDefault && one.Value == "" {
			one.Value = s.i.pick(row.Key, one.Default)
			s.i.chosen.mu.RLock()
			if _, picked := s.i.chosen.values[row.Key]; picked {
				one.From = admin.FromPage
			}
			s.i.chosen.mu.RUnlock()
		}
		list = append(list, one)
	}
	return list, nil
}

// Choose keeps a value that a page chose, with its entry of the audit log.
func (s shownSettings) Choose(ctx context.Context, key, value string, entry coop.AuditEntry) error {
	one, ours := s.i.config.pageSetting(key)
	if !ours {
		return fmt.Errorf("setting %.100q: %w", key, coop.ErrNotFound)
	}
	if _, fixed := s.i.current().values[key]; fixed {
		return fmt.Errorf("setting %s is fixed above the database: %w", key, coop.ErrForbidden)
	}
	if value != "" && !fits(one, value) {
		return &coop.InvalidError{Field: key, Code: coop.CodeUnknown, Problem: "it cannot have this value"}
	}
	err := s.i.store.Write(ctx, func(tx *storage.Tx) error {
		err := error(nil)
		if value == "" {
			err = tx.DeleteSetting(ctx, key)
		} else {
			err = tx.SetSetting(ctx, key, value)
		}
		return errors.Join(err, tx.AddAudit(ctx, &entry))
	})
	if err != nil {
		return err
	}
	return s.i.readChosen(ctx)
}

// settingOrigin parts an origin into what kind it is and what it names.
func settingOrigin(text string) (admin.SettingFrom, string) {
	for prefix, from := range map[string]admin.SettingFrom{
		"flag ": admin.FromFlag, "environment ": admin.FromEnvironment, "file named by ": admin.FromFile, "file ": admin.FromFile,
	} {
		if rest, ok := strings.CutPrefix(text, prefix); ok && !strings.HasPrefix(rest, "named by ") {
			return from, rest
		}
	}
	return admin.FromDefault, ""
}

// settingDefaults are the defaults as the help of each setting writes them.
func settingDefaults() map[string]string {
	defaults := map[string]string{}
	for f := range reflect.TypeFor[settingFlags]().Fields() {
		if _, text, found := strings.Cut(f.Tag.Get("help"), "Default: "); found {
			defaults[settingKey(f)] = strings.TrimSuffix(text, ".")
		}
	}
	return defaults
}
