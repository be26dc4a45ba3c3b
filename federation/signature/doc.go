// SPDX-License-Identifier: AGPL-3.0-or-later

// Package signature owns everything that proves who sent what: HTTP signatures in
// two forms (draft-cavage-12 and RFC 9421), integrity proofs on documents
// (FEP-8b32, eddsa-jcs-2022), and the keys of both.
//
// # Reading, in the order that matters
//
// A signed request goes through two doors. Read is the strict front: it parses the
// header itself, demands that everything that decides is covered, that the body is
// the one that was digested, that the time is right and that the request was meant
// for us; all that before any key is asked for, so nobody makes us fetch by sending
// rubbish. What passes is a Claim: somebody says that the key KeyID signed this.
// Claim.Verify then holds it against the key and gives an Identity. An Identity has
// no exported field: only the verifiers of this package can make a valid one, so a
// function that takes an Identity cannot be called by somebody who forgot to verify.
//
// # Whose cryptography
//
// Cavage goes through go-fed/httpsig, which checks neither coverage nor age nor
// body; it only ever sees a header that Read wrote anew. RFC 9421 is our own, on
// structured fields of dunglas/httpsfv. The algorithm follows from the type of the
// key, never from a label that the sender wrote.
//
// # What is not here
//
// No network, no clock, no store: keys are fetched by the inbox's resolver, which
// also remembers replays (Claim.ReplayKey) and failures. Linked-Data signatures are
// neither written nor read.
package signature
