// SPDX-License-Identifier: AGPL-3.0-or-later

// Command minga is a federated ActivityPub server for federations of
// cooperatives.
//
// This room wires the others together: it alone reads the environment, owns the
// clock and starts goroutines that live as long as the program. Each command has
// a file of its own; what a command changes, it changes through the same
// functions as the page and the API that do the same.
package main
