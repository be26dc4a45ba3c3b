// SPDX-License-Identifier: AGPL-3.0-or-later

// Package auth knows who asks and what a route demands of them: it turns a
// bearer token into an account and a viewer, and describes routes so that none
// can be mounted without saying its limit, its scope and whom it serves.
package auth
