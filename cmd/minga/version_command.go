// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
)

// versionCommand is `minga version`.
type versionCommand struct {
	SBOM bool `name:"sbom" help:"Print everything that this program is made of, with licences (SPDX 2.3, JSON)."`
}

// Run prints the version.
func (a versionCommand) Run(t *terminal) error {
	if a.SBOM {
		list, err := newBill(t.now())
		if err != nil {
			return err
		}
		encoder := json.NewEncoder(t.out)
		if !t.json { // for people; else one line, as everywhere
			encoder.SetIndent("", "  ")
		}
		return encoder.Encode(list)
	}
	facts := map[string]string{"version": version, "go": runtime.Version()}
	return t.print(facts, func(w io.Writer) { fmt.Fprintf(w, "minga %s (%s)\n", version, runtime.Version()) })
}
