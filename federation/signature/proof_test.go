// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mr-tron/base58"
	"pgregory.net/rapid"
)

var proofTime = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

func ourProofKey() PrivateKey { return PrivateKey{ID: edID, Signer: edOnce()} }

const note = `{"@context":["https://www.w3.org/ns/activitystreams",{"minga":"https://w3id.org/minga/ns#"}],
 "type":"Note","id":"https://coop.example/n/1","content":"<p>a & b</p>","z":1.50,"a":"ñ\u00e9"}`

func withProof(t testing.TB, doc string) []byte {
	t.Helper()
	out, err := AddProof([]byte(doc), ourProofKey(), proofTime)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func verifyProof(t testing.TB, doc []byte) (Identity, error) {
	t.Helper()
	p, err := ReadProof(doc)
	if err != nil {
		return Identity{}, err
	}
	if p == nil {
		return Identity{}, nil
	}
	return p.Verify(edPublic().Key.(ed25519.PublicKey), ana)
}

func TestAddProofKeepsWhatIsThere(t *testing.T) {
	got := string(withProof(t, note))
	const want = `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2",{"minga":"https://w3id.org/minga/ns#"}],` +
		`"type":"Note","id":"https://coop.example/n/1","content":"<p>a & b</p>","z":1.50,"a":"ñ\u00e9",` +
		`"proof":{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2",{"minga":"https://w3id.org/minga/ns#"}],` +
		`"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022","created":"2030-05-01T12:00:00Z",` +
		`"verificationMethod":"https://coop.example/users/ana#ed25519-key","proofPurpose":"assertionMethod","proofValue":"z`
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, `"}}`) {
		t.Errorf("wrote\n%s\nwant\n%s", got, want)
	}
	id, err := verifyProof(t, []byte(got))
	if err != nil || id.KeyID() != edID || id.Owner() != ana || id.Form() != Integrity {
		t.Errorf("%v, %v", id, err)
	}
	if again := string(withProof(t, note)); again != got {
		t.Error("the bytes change with the writing")
	}
}

func TestAddProofContexts(t *testing.T) {
	const as, di = `"https://www.w3.org/ns/activitystreams"`, `"https://w3id.org/security/data-integrity/v2"`
	for from, to := range map[string]string{
		``:                                    `[` + as + `,` + di + `]`,
		`"@context":null,`:                    `[` + as + `,` + di + `]`,
		`"@context":` + as + `,`:              `[` + as + `,` + di + `]`,
		`"@context":` + di + `,`:              di,
		`"@context":[` + di + `,` + as + `],`: `[` + di + `,` + as + `]`,
		`"@context":[{"a":"b"}],`:             `[` + di + `,{"a":"b"}]`,
		`"@context":[],`:                      `[` + di + `]`,
		`"@context":[{"a":"b"},` + di + `],`:  `[{"a":"b"},` + di + `]`,
	} {
		got := withProof(t, `{`+from+`"id":"https://coop.example/1"}`)
		if !strings.HasPrefix(string(got), `{"@context":`+to+`,"id"`) {
			t.Errorf("%s became %s", from, got)
		}
		if id, err := verifyProof(t, got); err != nil || !id.Valid() {
			t.Errorf("%s: %v", got, err)
		}
	}
}

func TestAddProofRefuses(t *testing.T) {
	for _, doc := range []string{``, `[]`, `"x"`, `{`, `{}x`, `{"a":1,"a":2}`, `{"proof":{}}`, `{"signature":{}}`, `{"a":"\ud800"}`, `{"\ud800":1}`} {
		if out, err := AddProof([]byte(doc), ourProofKey(), proofTime); err == nil {
			t.Errorf("%s became %s", doc, out)
		}
	}
	if _, err := AddProof([]byte(`{}`), PrivateKey{ID: rsaID, Signer: rsaOnce()}, proofTime); err == nil {
		t.Error("an RSA key made a proof")
	}
}

// A document travels through servers that write it anew; a proof is over what it
// says. What it does not say may be added without harm only outside of it.
func TestProofHolds(t *testing.T) {
	good := withProof(t, note)
	var loose map[string]any
	if err := json.Unmarshal(good, &loose); err != nil {
		t.Fatal(err)
	}
	rewritten, err := json.MarshalIndent(loose, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	replace := func(from, to string) []byte { return bytes.Replace(good, []byte(from), []byte(to), 1) }
	lastContext := func(to string) []byte {
		at := bytes.LastIndex(good, []byte(`"@context"`))
		end := bytes.Index(good[at:], []byte(`],`)) + at
		return append(append(bytes.Clone(good[:at]), to...), good[end:]...)
	}
	for _, tt := range []struct {
		name string
		doc  []byte
		want Reason
		none bool // no proof of ours is seen
	}{
		{"as it was written", good, "", false},
		{"written anew in another order", rewritten, "", false},
		{"an LD signature beside it", replace(`"type":"Note"`, `"type":"Note","signature":{"type":"RsaSignature2017"}`), "", false},
		{"a context appended", replace(`{"minga":"https://w3id.org/minga/ns#"}]`, `{"minga":"https://w3id.org/minga/ns#"},"https://x.example/"]`), "", false},
		{"the proof in an array", replace(`"proof":{`, `"proof":[{"type":"Other"},{`)[:], Malformed, false},
		{"a member changed", replace(`"Note"`, `"Article"`), BadSignature, false},
		{"a member added", replace(`"type":`, `"to":"x","type":`), BadSignature, false},
		{"a member removed", replace(`"z":1.50,`, ``), BadSignature, false},
		{"a context put first", replace(`"https://www.w3.org/ns/activitystreams"`, `"https://x.example/","https://www.w3.org/ns/activitystreams"`), BadSignature, false},
		{"the time of the proof changed", replace(`2030-05-01T12`, `2031-05-01T12`), BadSignature, false},
		{"the method changed", replace(`ana#ed25519-key`, `eva#ed25519-key`), BadSignature, false},
		{"a member twice", replace(`"type":"Note"`, `"type":"Note","type":"Note"`), Malformed, false},
		{"two proofs of one name", replace(`"proof":{`, `"proof":null,"proof":{`), Malformed, false},
		{"a name that no decoder keeps", replace(`"type":"Note"`, `"type":"Note","\ud800":1`), Malformed, false},
		{"another purpose", replace(`assertionMethod`, `authentication`), Malformed, false},
		{"an unreadable time", replace(`2030-05-01T12:00:00Z`, `may day`), Malformed, false},
		{"another multibase", replace(`"proofValue":"z`, `"proofValue":"u`), Malformed, false},
		{"a short signature", replace(`"proofValue":"z`, `"proofValue":"z11","x":"z`), Malformed, false},
		{"no method", replace(`"verificationMethod"`, `"method"`), Malformed, false},
		{"another context in the proof", lastContext(`"@context":["https://x.example/"`), BadSignature, false},
		{"an unknown suite", replace(`eddsa-jcs-2022`, `eddsa-rdfc-2022`), "", true},
		{"no proof", []byte(note), "", true},
		{"proof null", []byte(`{"proof":null}`), "", true},
		{"proof a word", []byte(`{"proof":"x"}`), "", true},
		{"no object", []byte(`[]`), Malformed, false},
		{"text behind it", append(bytes.Clone(good), '1'), Malformed, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "the proof in an array" {
				tt.doc, tt.want = append(tt.doc[:len(tt.doc)-1], "]}"...), ""
			}
			id, err := verifyProof(t, tt.doc)
			if reasonOf(t, err) != tt.want || id.Valid() != (tt.want == "" && !tt.none) {
				t.Errorf("%v, %v\n%s", id, err, tt.doc)
			}
		})
	}
}

// Fedify leaves @context out of the proof but signs the document's; others sign none.
func TestProofOfOtherWriters(t *testing.T) {
	document := must(splitObject([]byte(note)))
	options := must(newOptions(document.get("@context"), edID, proofTime))
	for name, signed := range map[string]members{"the document's context": options, "no context": options.without("@context")} {
		value := must(quote("z" + base58.Encode(signRaw(edOnce(), must(hashData(signed, document))))))
		bare := options.without("@context").with("proofValue", value)
		if id, err := verifyProof(t, document.with("proof", bare.object()).object()); err != nil || !id.Valid() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProofNeedsKeyAndOwnerOfOneOrigin(t *testing.T) {
	p, err := ReadProof(withProof(t, note))
	if err != nil {
		t.Fatal(err)
	}
	key := edPublic().Key.(ed25519.PublicKey)
	for _, owner := range []string{"", "https://evil.example/users/ana", "did:key:x"} {
		if id, err := p.Verify(key, owner); reasonOf(t, err) != BadKey || id.Valid() || p.SameOrigin(owner) {
			t.Errorf("owner %q: %v, %v", owner, id, err)
		}
	}
	if _, err := p.Verify(key[:5], ana); reasonOf(t, err) != BadKey {
		t.Errorf("a short key: %v", err)
	}
	other := must(GenerateEd25519()).Public().(ed25519.PublicKey)
	if _, err := p.Verify(other, ana); reasonOf(t, err) != BadSignature {
		t.Errorf("another key: %v", err)
	}
	if !p.Created().Equal(proofTime) || p.Expired(proofTime) || !p.SameOrigin(ana) {
		t.Error("what the proof says of itself")
	}
}

func TestProofExpires(t *testing.T) {
	doc := bytes.Replace(withProof(t, note), []byte(`"proofPurpose"`), []byte(`"expires":"2030-06-01T00:00:00Z","proofPurpose"`), 1)
	p, err := ReadProof(doc)
	if err != nil || p.Expired(proofTime) || !p.Expired(proofTime.AddDate(0, 2, 0)) {
		t.Errorf("%v, %v", p, err)
	}
}

// TestAnyChangedByteOfADocumentIsRefused changes one byte anywhere: either the JSON
// breaks, or the meaning is the same, or the proof does not hold.
func TestAnyChangedByteOfADocumentIsRefused(t *testing.T) {
	good := withProof(t, note)
	whole := must(splitObject(good))
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.IntRange(0, len(good)-1).Draw(rt, "at")
		to := rapid.Byte().Filter(func(b byte) bool { return b != good[at] }).Draw(rt, "to")
		doc := bytes.Clone(good)
		doc[at] = to
		p, err := ReadProof(doc)
		if err != nil || p == nil {
			return
		}
		if _, err := p.Verify(edPublic().Key.(ed25519.PublicKey), ana); err != nil {
			return
		}
		changed := must(splitObject(doc))
		a := must(hashData(members{{"p", whole.get("proof")}}, whole.without("proof", "@context")))
		b := must(hashData(members{{"p", changed.get("proof")}}, changed.without("proof", "@context")))
		if !bytes.Equal(a, b) {
			rt.Fatalf("%q at %d still verifies", to, at)
		}
	})
}

func FuzzProof(f *testing.F) {
	f.Add(withProof(f, note))
	f.Add([]byte(`{"@context":[],"proof":[{"type":"DataIntegrityProof","cryptosuite":"eddsa-jcs-2022"}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		p, err := ReadProof(doc)
		if err != nil || p == nil {
			return
		}
		_, _ = p.Verify(edPublic().Key.(ed25519.PublicKey), ana)
	})
}
