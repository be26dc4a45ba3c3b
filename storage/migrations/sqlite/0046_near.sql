-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Of which end those concerned were told that it is near: the same as respond_by or
-- ends_at once they were. A new end is told anew.
ALTER TABLE requests ADD COLUMN told_near BIGINT NOT NULL DEFAULT 0;
ALTER TABLE decisions ADD COLUMN told_near BIGINT NOT NULL DEFAULT 0;
