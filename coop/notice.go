// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "fmt"

// MembershipNotice says in one plain sentence what became of a membership, for a
// client that knows nothing of memberships: in the language of who reads it, English
// for others than es, en, ca, it, pt.
func MembershipNotice(language string, state MembershipState, member, organization string) string {
	words := membershipNotices["en"]
	if own, ok := membershipNotices[mainLanguage(language)]; ok {
		words = own
	}
	form, ok := words[state]
	if !ok {
		form = "%s – %s"
	}
	return fmt.Sprintf(form, member, organization)
}

// mainLanguage is the part of a tag before its first hyphen.
func mainLanguage(tag string) string {
	for i := range len(tag) {
		if tag[i] == '-' {
			return tag[:i]
		}
	}
	return tag
}

// membershipNotices name the member first and the organization second.
var membershipNotices = map[string]map[MembershipState]string{
	"en": {
		MembershipInDecision: "The members of %[2]s decide whether to admit %[1]s.",
		MembershipInvited:    "%[2]s invites %[1]s to become a member.",
		MembershipAsked:      "%s asks to join %s.", MembershipMember: "%s is now a member of %s.", MembershipSuspended: "The membership of %s in %s is suspended.",
		MembershipRefused: "%s was not admitted to %s.", MembershipLeft: "%s has left %s.", MembershipRemoved: "%s is no longer a member of %s.",
	},
	"es": {
		MembershipInDecision: "Las cooperativas de %[2]s deciden si admiten a %[1]s.",
		MembershipInvited:    "%[2]s invita a %[1]s a sumarse.",
		MembershipAsked:      "%s pide ingresar en %s.", MembershipMember: "%s ya es parte de %s.", MembershipSuspended: "La adhesión de %s en %s está suspendida.",
		MembershipRefused: "%s no fue admitida en %s.", MembershipLeft: "%s dejó %s.", MembershipRemoved: "%s ya no forma parte de %s.",
	},
	"ca": {
		MembershipInDecision: "Les cooperatives de %[2]s decideixen si admeten %[1]s.",
		MembershipInvited:    "%[2]s convida %[1]s a ser-ne membre.",
		MembershipAsked:      "%s demana entrar a %s.", MembershipMember: "%s ja forma part de %s.", MembershipSuspended: "L’adhesió de %s a %s està suspesa.",
		MembershipRefused: "%s no ha estat admesa a %s.", MembershipLeft: "%s ha deixat %s.", MembershipRemoved: "%s ja no forma part de %s.",
	},
	"it": {
		MembershipInDecision: "Le cooperative di %[2]s decidono se ammettere %[1]s.",
		MembershipInvited:    "%[2]s invita %[1]s a farne parte.",
		MembershipAsked:      "%s chiede di entrare in %s.", MembershipMember: "%s ora fa parte di %s.", MembershipSuspended: "L'adesione di %s a %s è sospesa.",
		MembershipRefused: "%s non è stata ammessa in %s.", MembershipLeft: "%s ha lasciato %s.", MembershipRemoved: "%s non fa più parte di %s.",
	},
	"pt": {
		MembershipInDecision: "As cooperativas de %[2]s decidem se admitem %[1]s.",
		MembershipInvited:    "%[2]s convida %[1]s a fazer parte.",
		MembershipAsked:      "%s pede para entrar em %s.", MembershipMember: "%s agora faz parte de %s.", MembershipSuspended: "A adesão de %s em %s está suspensa.",
		MembershipRefused: "%s não foi admitida em %s.", MembershipLeft: "%s deixou %s.", MembershipRemoved: "%s já não faz parte de %s.",
	},
}
