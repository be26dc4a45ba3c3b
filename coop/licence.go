// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "strings"

// Licence is what the terms of an article let others do with it. The zero value
// is what is known of an unknown licence: nothing is allowed but to read.
type Licence struct {
	URL           string // canonical; as it came when it is not known
	Name          string // short, such as "CC BY-SA 4.0"; empty when not known
	Translate     bool
	Remix         bool
	Attribution   bool // name the author
	ShareAlike    bool // what is made of it keeps this licence
	NonCommercial bool
}

// NoReuse is the licence of articles that only members may read and nobody may use.
const NoReuse = "https://w3id.org/minga/ns#no-reuse"

// DefaultLicence is what an article gets when nobody chooses.
const DefaultLicence = "https://creativecommons.org/licenses/by-sa/4.0/"

// Licences are the ones that an article of ours may have, the freest first.
func Licences() []Licence {
	urls := []string{
		"https://creativecommons.org/publicdomain/zero/1.0/",
		"https://creativecommons.org/licenses/by/4.0/",
		DefaultLicence,
		"https://creativecommons.org/licenses/by-nc-sa/4.0/",
		NoReuse,
	}
	list := make([]Licence, 0, len(urls))
	for _, url := range urls {
		list = append(list, LicenceOf(url))
	}
	return list
}

// LicenceOf tells what is known of a licence by its address. Creative Commons
// licences of any version are known however their address is written.
func LicenceOf(url string) Licence {
	unknown := Licence{URL: url}
	if url == NoReuse {
		unknown.Name = "no reuse"
		return unknown
	}
	path, ok := commonsPath(url)
	if !ok {
		return unknown
	}
	parts := strings.Split(path, "/")
	switch {
	case len(parts) >= 3 && parts[0] == "publicdomain" && parts[1] == "zero" && version(parts[2]):
		path = strings.Join(parts[:3], "/")
		return Licence{URL: commons + path + "/", Name: "CC0 " + parts[2], Translate: true, Remix: true}
	case len(parts) >= 3 && parts[0] == "licenses" && version(parts[2]):
		return commonsLicence(strings.Join(parts[:3], "/"), parts[1], parts[2], unknown)
	}
	return unknown
}

// commons is where Creative Commons licences live.
const commons = "https://creativecommons.org/"

// commonsPath is the part of an address that names a licence there.
func commonsPath(url string) (string, bool) {
	path := strings.ToLower(url)
	for _, head := range []string{"https://", "http://", "www."} {
		path = strings.TrimPrefix(path, head)
	}
	path, ok := strings.CutPrefix(path, "creativecommons.org/")
	path, _, _ = strings.Cut(path, "#")
	if i := strings.Index(path, "/deed"); i >= 0 {
		path = path[:i]
	}
	path = strings.TrimSuffix(path, "/legalcode")
	return strings.Trim(path, "/"), ok
}

// version tells 1.0 to 4.0.
func version(s string) bool { return in([]string{"1.0", "2.0", "2.5", "3.0", "4.0"}, s) }

// commonsLicence reads the letters of a licence: by, nc, nd, sa.
func commonsLicence(path, letters, number string, unknown Licence) Licence {
	if !in([]string{"by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd"}, letters) {
		return unknown
	}
	changes := !strings.HasSuffix(letters, "-nd")
	return Licence{
		URL: commons + path + "/", Name: "CC " + strings.ToUpper(letters) + " " + number,
		Translate: changes, Remix: changes, Attribution: true,
		ShareAlike: strings.HasSuffix(letters, "-sa"), NonCommercial: strings.Contains(letters, "-nc"),
	}
}

// Keeps tells whether something made of a work under l may be published under
// next: share-alike stays as it is, non-commercial stays non-commercial, and what
// must name its author may not become free of that.
func (l Licence) Keeps(next Licence) bool {
	switch {
	case !l.Translate && !l.Remix, next.Name == "", next.URL == NoReuse && l.ShareAlike:
		return false
	case l.ShareAlike:
		return commonsLetters(l) == commonsLetters(next) && l.Name <= next.Name // the same, or a later version
	}
	return (!l.NonCommercial || next.NonCommercial || next.URL == NoReuse) &&
		(!l.Attribution || next.Attribution || next.URL == NoReuse)
}

// commonsLetters is the name without its version.
func commonsLetters(l Licence) string {
	i := strings.LastIndexByte(l.Name, ' ')
	return l.Name[:max(i, 0)]
}
