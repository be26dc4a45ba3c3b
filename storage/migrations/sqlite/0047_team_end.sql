-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- When the server of a team elsewhere deleted it; 0 while it runs. What is here of it stays.
ALTER TABLE teams ADD COLUMN ended_at BIGINT NOT NULL DEFAULT 0;
