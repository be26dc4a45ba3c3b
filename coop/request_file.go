// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// RequestFile is what of a request stays on this instance: who the client is and how to
// reach them. The requester reads it, and after acceptance the co-ops of the team. It is
// no part of a [Post], so that no document, feed or search can have it.
type RequestFile struct {
	PostID   ID        `json:"-"`
	Client   string    `json:"client"`             // who asks; plain text
	Contact  string    `json:"contact"`            // how to reach them: a mail address, or a line of text
	Mail     string    `json:"mail,omitempty"`     // where we may write; empty: nowhere
	Contract string    `json:"contract,omitempty"` // the contract, or where it is; plain text
	Notes    string    `json:"notes,omitempty"`    // of the coordinators; plain text
	Members  string    `json:"members,omitempty"`  // what members of the federation alone read, as it was typed; Markdown
	Public   bool      `json:"public,omitempty"`   // came by the public form
	DeleteAt time.Time `json:"delete_at"`          // when it is deleted, shown to who may read it
}

// RequestFileLife is how long after its last change the file of a request is kept.
const RequestFileLife = 365 * 24 * time.Hour

// Validate complains about the file of a request, as an [Invalid]: fields client,
// contact, mail, contract, notes, members.
func (f *RequestFile) Validate() error {
	c := &complaints{}
	least := 0
	if f.Public {
		least = 1
	}
	c.text("client", f.Client, least, 200)
	c.text("contact", f.Contact, 0, 300)
	c.text("contract", f.Contract, 0, 2000)
	c.text("notes", f.Notes, 0, 5000)
	c.text("members", f.Members, 0, MaxPostLength)
	switch {
	case f.Public && f.Mail == "":
		c.add("mail", CodeRequired, "this is needed")
	case f.Mail != "" && !ValidMail(f.Mail):
		c.add("mail", CodeFormat, "%.80q is no mail address", f.Mail)
	}
	return c.list.Or()
}
