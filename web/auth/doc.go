// SPDX-License-Identifier: AGPL-3.0-or-later

// Package auth knows who asks and what a route demands of them: it turns a
// bearer token into an account and a viewer, and describes routes so that none
// can be mounted without saying its limit, its scope and whom it serves.
//
// It also judges what people prove who they are by: passwords, passkeys, codes, codes
// on paper, and the word of another provider. What stands between the two halves of
// such a proof lies in the database, so that any node may take the second; what a proof
// is good for, and for how long, stands in the session ([Fresh]).
package auth
