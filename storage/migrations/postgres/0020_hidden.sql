-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What not everybody could see when it was withdrawn: its end is told to nobody who
-- asks, or its id would say that it was there.
ALTER TABLE tombstones ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT FALSE;
