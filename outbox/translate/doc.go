// SPDX-License-Identifier: AGPL-3.0-or-later

// Package translate has posts translated by a machine, for who reads them: by a service
// that the admin names, which speaks LibreTranslate's API.
//
// The service is somebody else's, and what it is sent leaves the house. So it is sent only
// what everybody may read anyway ([minga/coop.Translatable]), without a word about who
// wrote it, who reads it, and where it stands. The rule is held here, not at the doors: a
// post that only some may read never gets as far as a request.
//
// What comes back is foreign too. It is bounded in size, time and number, cleaned as what
// other servers send is, and the links of the original, those to people and hashtags
// among them, are put back as they were: a translation may word a link anew, but never
// lead elsewhere, add one or lose one.
//
// Translations are kept in memory, by a hash of the words that were sent, for a day and up
// to a bound: the same words are sent once, changed ones again, and nothing of it is in
// the database or a backup. A service that does not answer is left alone for a while.
package translate
