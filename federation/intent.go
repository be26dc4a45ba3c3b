// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"net/url"
	"regexp"
	"strings"

	"minga/federation/origin"
)

// Intent is what somebody wants to do from their own server: an activity, or Object,
// which is to look at something there.
type Intent string

// The intents of FEP-3b86 §4 and §5 that this program offers and asks for.
const (
	IntentObject   Intent = "Object"
	IntentFollow   Intent = "Follow"
	IntentLike     Intent = "Like"
	IntentAnnounce Intent = "Announce"
	IntentCreate   Intent = "Create"
)

const (
	relIntent    = "https://w3id.org/fep/3b86/"
	longestDoor  = 2048 // characters of a template, and of what is put into it
	longestThere = 8192 // of the address that comes of it
)

// hole is a place in a template (FEP-3b86 §3).
var hole = regexp.MustCompile(`\{[A-Za-z0-9_.-]*\}`)

// Intent is the address at which the people of this descriptor do something, with values
// put into the holes of its template; what nobody gave is left empty. Object falls back
// to the subscribe template of OStatus. "" where there is none that leads to a web page
// at a host that the template itself names.
func (j *JRD) Intent(intent Intent, values map[string]string) string {
	for _, l := range j.Links {
		if l.Rel == relIntent+string(intent) && l.Template != "" {
			if there := fill(l.Template, values); there != "" {
				return there
			}
		}
	}
	if intent != IntentObject {
		return ""
	}
	for _, l := range j.Links {
		if l.Rel == relSubscribe && l.Template != "" {
			return fill(l.Template, map[string]string{"uri": values["object"]})
		}
	}
	return ""
}

// Takes tells whether the template of an intent has a hole for something.
func (j *JRD) Takes(intent Intent, name string) bool {
	for _, l := range j.Links {
		if l.Rel == relIntent+string(intent) && strings.Contains(l.Template, "{"+name+"}") {
			return true
		}
	}
	return false
}

// fill puts values into a template. The host must stand in it as it is: nothing that is
// put in decides where it leads.
func fill(template string, values map[string]string) string {
	head, _, _ := strings.Cut(template, "{")
	if len(template) > longestDoor || strings.ContainsAny(template, " \t\r\n\\") {
		return ""
	}
	named, err := url.Parse(head)
	if err != nil || named.Host == "" || named.User != nil || named.Path == "" {
		return ""
	}
	there := hole.ReplaceAllStringFunc(template, func(name string) string {
		value := values[strings.Trim(name, "{}")]
		if len(value) > longestDoor {
			return ""
		}
		return url.QueryEscape(value)
	})
	u, err := origin.Parse(there)
	if err != nil || len(there) > longestThere || !strings.EqualFold(u.Host, named.Host) {
		return ""
	}
	return u.String()
}

// IntentLinks are the templates of this program below base (https://coop.example), for
// the WebFinger of its accounts: each page asks the person who is signed in there.
func IntentLinks(base string) []Link {
	link := func(intent Intent, path string) Link {
		return Link{Rel: relIntent + string(intent), Template: base + path}
	}
	return []Link{
		link(IntentObject, "/intents/object?object={object}"),
		link(IntentFollow, "/intents/follow?object={object}"),
		link(IntentLike, "/intents/like?object={object}"),
		link(IntentAnnounce, "/intents/announce?object={object}"),
		link(IntentCreate, "/intents/create?content={content}&inReplyTo={inReplyTo}"),
	}
}
