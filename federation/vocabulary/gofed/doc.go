// SPDX-License-Identifier: AGPL-3.0-or-later

// Package gofed is a second opinion on documents: what the whole vocabulary of
// github.com/go-fed/activity takes them for. Tests ask it; the program does not, since
// all its types with their readers are a fifth of a program that needs a few of them.
package gofed
