// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"minga/coop"
	"minga/storage"
)

// Which settings there are, and what counts where nobody sets one, changes between
// versions. Whoever serves notes what counted, so that the next version can say what
// counts otherwise from its start on, and nobody has to keep a list of changes.

// programSetting is where it is noted.
const programSetting = "program"

// programNote is the program that served last.
type programNote struct {
	Version  string            `json:"version"`
	Defaults map[string]string `json:"defaults"` // of every setting that it had
}

// settingChange is something about a setting that whoever upgrades should know.
type settingChange struct {
	Key  string `json:"key"`
	Kind string `json:"kind"` // unknown, gone, default
	Text string `json:"text"`
}

// thisProgram is what is noted of this one.
func thisProgram() programNote {
	note := programNote{Version: version, Defaults: map[string]string{}}
	defaults := settingDefaults()
	for _, key := range settingKeys() {
		note.Defaults[key] = defaults[key]
	}
	return note
}

// noteProgram notes which program serves.
func (i *instance) noteProgram(ctx context.Context) error {
	text, err := json.Marshal(thisProgram())
	if err != nil {
		return err
	}
	was, err := i.store.Setting(ctx, programSetting)
	if err != nil && !errors.Is(err, coop.ErrNotFound) || was == string(text) {
		return err
	}
	return i.store.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, programSetting, string(text)) })
}

// lastProgram is the one that served last; of none it is empty.
func lastProgram(ctx context.Context, store *storage.Store) (note programNote, err error) {
	full, err := store.Populated(ctx)
	if err != nil || !full {
		return note, err
	}
	text, err := store.Setting(ctx, programSetting)
	if errors.Is(err, coop.ErrNotFound) {
		return note, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &note)
	}
	if err != nil {
		return note, fmt.Errorf("the program that served last: %w", err)
	}
	return note, nil
}

// changedDefaults lists settings that count otherwise from now on, because nobody set
// them, and those that had a default and are gone.
func changedDefaults(ctx context.Context, store *storage.Store, c *Config) ([]settingChange, error) {
	was, err := lastProgram(ctx, store)
	if err != nil {
		return nil, err
	}
	now, list := thisProgram().Defaults, []settingChange{}
	for _, key := range slices.Sorted(maps.Keys(was.Defaults)) {
		next, known := now[key]
		_, set := c.values[key]
		switch {
		case !known:
			list = append(list, settingChange{key, "gone", fmt.Sprintf("version %s had it, this one has not", was.Version)})
		case !set && next != was.Defaults[key]:
			list = append(list, settingChange{key, "default", fmt.Sprintf("nobody set it: it was %q in version %s and is %q now; set it to keep what it was", was.Defaults[key], was.Version, next)})
		}
	}
	return list, nil
}

// strangeKeys lists what is set, in the file or the environment, and is no setting.
func (t *terminal) strangeKeys() ([]settingChange, error) {
	file, err := configFile(t.configAsked, t.from)
	if err != nil {
		return nil, err
	}
	list, known := []settingChange{}, settingKeys()
	strange := func(key, where string) {
		if !slices.Contains(known, key) {
			list = append(list, settingChange{key, "unknown", fmt.Sprintf("%s sets %s, which this version does not know; the nearest is %s", where, key, nearest(key, known))})
		}
	}
	if file != "" {
		text, err := t.from.read(file)
		var table map[string]any
		if err = errors.Join(err, toml.Unmarshal(text, &table)); err != nil {
			return nil, usage("configuration %s: %v", file, err)
		}
		for _, key := range slices.Sorted(maps.Keys(table)) {
			strange(key, "file "+file)
		}
	}
	if t.from.names == nil {
		return list, nil
	}
	for _, name := range slices.Sorted(slices.Values(t.from.names())) {
		key, ours := strings.CutPrefix(name, "MINGA_")
		if key = strings.ToLower(key); !slices.Contains(known, key) {
			key = strings.TrimSuffix(key, "_file") // a secret may come by a file
		}
		if ours && key != "config" && !strings.HasPrefix(key, "test_") {
			strange(key, "the environment")
		}
	}
	return list, nil
}
