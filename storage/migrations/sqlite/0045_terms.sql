-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What a merged term was before, so that merging can be undone.
ALTER TABLE service_terms ADD COLUMN was TEXT NOT NULL DEFAULT '';
