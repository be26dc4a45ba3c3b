// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
)

// licenceLines name the licence of every library in the program: an SPDX expression,
// then the module.
//
//go:embed licences.txt
var licenceLines string

// noAssertion is what SPDX writes for what nobody looked up.
const noAssertion = "NOASSERTION"

// licences reads them, by module.
func licences() map[string]string {
	known := map[string]string{}
	for line := range strings.Lines(licenceLines) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		module, licence, _ := strings.Cut(line, " ")
		known[module] = strings.TrimSpace(licence)
	}
	return known
}

// bill is a bill of materials in SPDX 2.3, as far as we use it.
type bill struct {
	Version       string         `json:"spdxVersion"`
	DataLicence   string         `json:"dataLicense"`
	ID            string         `json:"SPDXID"`
	Name          string         `json:"name"`
	Namespace     string         `json:"documentNamespace"`
	Creation      billCreation   `json:"creationInfo"`
	Packages      []billPackage  `json:"packages"`
	Relationships []billRelation `json:"relationships"`
}

// billCreation says when and by what it was made.
type billCreation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

// billPackage is minga or a library.
type billPackage struct {
	ID        string    `json:"SPDXID"`
	Name      string    `json:"name"`
	Version   string    `json:"versionInfo"`
	Location  string    `json:"downloadLocation"`
	Analyzed  bool      `json:"filesAnalyzed"`
	Concluded string    `json:"licenseConcluded"`
	Declared  string    `json:"licenseDeclared"`
	Copyright string    `json:"copyrightText"`
	Purpose   string    `json:"primaryPackagePurpose"`
	Refs      []billRef `json:"externalRefs,omitempty"`
}

// billRef is the name of a library among all packages of the world.
type billRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

// billRelation ties two of them.
type billRelation struct {
	From string `json:"spdxElementId"`
	Type string `json:"relationshipType"`
	To   string `json:"relatedSpdxElement"`
}

// newBill lists what the running program is made of, as its own build noted it. now is
// the time where the build does not say one.
func newBill(now time.Time) (*bill, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil, errors.New("the build noted no libraries")
	}
	b := &bill{
		Version: "SPDX-2.3", DataLicence: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: "minga-" + version,
		Creation: billCreation{Created: builtAt(now).Format(time.RFC3339), Creators: []string{"Tool: minga-" + version}},
	}
	b.Packages = append(b.Packages, packageOf("minga", version, "AGPL-3.0-or-later", "APPLICATION"))
	known, sum := licences(), sha256.New()
	for _, dep := range append([]*debug.Module{{Path: "stdlib", Version: info.GoVersion}}, info.Deps...) {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		fmt.Fprintln(sum, dep.Path, dep.Version, dep.Sum)
		b.Packages = append(b.Packages, packageOf(dep.Path, dep.Version, cmp.Or(known[dep.Path], noAssertion), "LIBRARY"))
	}
	b.Namespace = "https://spdx.org/spdxdocs/" + b.Name + "-" + hex.EncodeToString(sum.Sum(nil)[:16])
	b.relate()
	return b, nil
}

// builtAt is when the source was committed, or now where the build does not say.
func builtAt(now time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339, released); err == nil {
		return at.UTC()
	}
	return now.UTC().Truncate(time.Second)
}

// packageOf describes one.
func packageOf(name, version, licence, purpose string) billPackage {
	p := billPackage{
		ID: "SPDXRef-" + spdxID(name), Name: name, Version: version, Location: noAssertion,
		Concluded: licence, Declared: licence, Copyright: noAssertion, Purpose: purpose,
	}
	if purpose == "LIBRARY" {
		p.Refs = []billRef{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + name + "@" + version}}
	}
	return p
}

// spdxID is a name in the letters that ids may have.
func spdxID(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '-'
	}, name)
}

// relate says that the document is about the program, which holds all the others.
func (b *bill) relate() {
	b.Relationships = append(b.Relationships, billRelation{b.ID, "DESCRIBES", b.Packages[0].ID})
	for _, p := range b.Packages[1:] {
		b.Relationships = append(b.Relationships, billRelation{b.Packages[0].ID, "DEPENDS_ON", p.ID})
	}
}
