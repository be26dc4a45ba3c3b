// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

// KeysNotice tells a person in plain words that all keys of their server were changed and
// everybody was signed out: in the language of who reads it, English for others than es,
// en, ca, it, pt.
func KeysNotice(language string) string {
	if words, ok := keysNotices[mainLanguage(language)]; ok {
		return words
	}
	return keysNotices["en"]
}

// keysNotices is the notice in each language.
var keysNotices = map[string]string{
	"en": "All keys of this server were changed, because somebody may have got hold of them. Everybody and every app was signed out; links in earlier mails and invitations have ended. Choose a new password and set up your codes or passkey anew, in Settings, Security.",
	"es": "Se cambiaron todas las claves de este servidor, porque alguien pudo haberlas conseguido. Se cerró la sesión de todas las personas y aplicaciones; los enlaces de correos anteriores y las invitaciones ya no valen. Elige otra contraseña y configura de nuevo tus códigos o tu llave de acceso, en Ajustes, Seguridad.",
	"ca": "S’han canviat totes les claus d’aquest servidor, perquè algú les podria haver aconseguit. S’ha tancat la sessió de tothom i de totes les aplicacions; els enllaços de correus anteriors i les invitacions ja no valen. Tria una altra contrasenya i torna a configurar els codis o la clau d’accés, a Configuració, Seguretat.",
	"it": "Tutte le chiavi di questo server sono state cambiate, perché qualcuno potrebbe averle ottenute. La sessione di tutte le persone e le app è stata chiusa; i link delle email precedenti e gli inviti non valgono più. Scegli un’altra password e configura di nuovo i codici o la chiave di accesso, in Impostazioni, Sicurezza.",
	"pt": "Todas as chaves deste servidor foram trocadas, porque alguém pode tê-las obtido. A sessão de todas as pessoas e aplicativos foi encerrada; os links de e-mails anteriores e os convites não valem mais. Escolha outra senha e configure de novo seus códigos ou sua chave de acesso, em Configurações, Segurança.",
}
