// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

// Limit names the rate limit of a route, or of an act within one.
type Limit int

// The limits. The zero value is none of them. What is counted by account or by
// address of mail is asked for inside a handler, by [Admit].
const (
	_              Limit = iota
	LimitReads           // pages, feeds, WebFinger, ActivityPub reads: 600 per 5 min an address
	LimitAPI             // 300 per 5 min a token and 1,500 a person; without a token 300 an address
	LimitPosts           // as LimitAPI, and 300 per 3 h a person
	LimitDeletes         // as LimitAPI, and 30 per 30 min a person
	LimitMedia           // as LimitAPI, and 30 per 30 min a person
	LimitApps            // registrations of apps: 5 per 10 min an address
	LimitSignIn          // sign-in, second factor, change and reset of a password: 25 per 5 min an address
	LimitSignInOf        // the same: 25 per hour an account; only by Admit
	LimitMail            // mails of a kind to one address: 5 per 30 min; only by Admit
	LimitSignUp          // new accounts: 5 per 30 min an address
	LimitForms           // forms that write to somebody: 5 per hour an address
	LimitAsk             // questions that make us ask other servers: 10 per minute an address
	LimitTranslate       // translations that are asked for outside: 60 per hour a person; only by Admit
	LimitFiles           // uploaded files and pictures: 1,500 per 5 min an address
	LimitInbox           // the inbox gate has its own, per server
	LimitNone            // health checks
)

// Admit counts one act of a kind against who does it, such as LimitSignInOf and
// the folded name that was typed, and gives a [minga/coop.BusyError] (429) when
// there were too many. Who is counted whether or not there is such an account: a
// limit must not tell. Where limits are off it is always nil.
type Admit func(limit Limit, who string) error
