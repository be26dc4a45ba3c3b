// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"strings"
	"time"
)

// OpenList is a list of co-ops that others keep and that was read in.
type OpenList struct {
	ID         ID
	Source     string // what it is called: the key
	Address    string // where it stands on the web; may be empty
	Licence    string // on which terms it may be used
	ImportedAt time.Time
	Entries    int // how many were read
}

// ListedCoop is a co-op of open lists. It is no account: nobody speaks for it here.
type ListedCoop struct {
	ID        ID
	Site      string // see [SiteOf]: by this the same co-op of several lists is known
	Name      string
	URL       string
	Note      string
	Place     string // as the list has it
	Locality  string
	Country   string // ISO 3166-1 alpha-2
	Languages []string
	Members   int // negative: not said
	Ended     bool
	At        *Point
	Services  []Offering
	Lists     []OpenList // where it stands
}

// SiteOf is a web address without what does not tell sites apart: scheme, www., case and
// a slash at the end. Without an address it is the folded name.
func SiteOf(address, name string) string {
	address = strings.TrimSpace(address)
	if address != "" && !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return Truncate(strings.Join(Words(name), " "), 300)
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	path := strings.TrimRight(u.EscapedPath(), "/")
	if len(path) <= len("/en") { // the page in one language
		path = ""
	}
	return Truncate(host+path, 300)
}
