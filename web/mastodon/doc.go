// SPDX-License-Identifier: AGPL-3.0-or-later

// Package mastodon is the face towards clients: accounts and posts in the shapes
// that Mastodon's clients read, and minga's own routes below /api/v1/minga for
// jobs, articles, co-ops, federations and memberships.
//
// Only here a post is called a status.
package mastodon
