// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import "context"

// Setting reads one setting that an admin changed, or [coop.ErrNotFound].
func (r reader) Setting(ctx context.Context, key string) (string, error) { return "", errNotBuilt }

// Settings reads all settings that an admin changed.
func (r reader) Settings(ctx context.Context) (map[string]string, error) { return nil, errNotBuilt }

// SetSetting keeps one setting.
func (tx *Tx) SetSetting(ctx context.Context, key, value string) error { return errNotBuilt }

// DeleteSetting goes back to the default; a missing one is no error.
func (tx *Tx) DeleteSetting(ctx context.Context, key string) error { return errNotBuilt }
