// SPDX-License-Identifier: AGPL-3.0-or-later

package respond

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// Words is what may be said of an error to whoever asks, in English. Of a fault of
// ours nothing is said but that it is one.
func Words(status int, err error) string { return phrases["en"].of(status, err) }

// languageKey is under which a request remembers the language of its answers.
const languageKey = "minga.language"

// SetLanguage says in which language the errors of a request are told: that of the
// account that asks. Languages that minga does not speak are passed over.
func SetLanguage(c *gin.Context, tag string) {
	if primary := primaryOf(tag); phrases[primary] != nil {
		c.Set(languageKey, primary)
	}
}

// phrasesFor are those of the request's language, else of the instance's.
func (r *Responder) phrasesFor(c *gin.Context) *phrasing {
	if lang, ok := c.Value(languageKey).(string); ok {
		return phrases[lang]
	}
	if p := phrases[r.language]; p != nil {
		return p
	}
	return phrases["en"]
}

// primaryOf is the language of a BCP 47 tag without region and script.
func primaryOf(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return primary
}

// phrasing is how one language speaks of errors.
type phrasing struct {
	own     bool // the problems of complaints are written in this language
	status  map[int]string
	role    string // of an act that a person's roles do not allow; %s is the roles that do
	steward string // of the last steward who would go
	state   string // of a step that is not in a state machine
	// untranslatable is said of what no machine may or can translate, translator where its
	// service gave nothing.
	untranslatable, translator string
	codes                      map[string]string // by the codes of coop; "" for any other
}

// of is what is said of an error.
func (p *phrasing) of(status int, err error) string {
	var refused statusError
	var known verbatim
	var invalid *coop.InvalidError
	var list coop.Invalid
	var role *coop.RoleError
	switch {
	case errors.As(err, &known):
		return known.Verbatim()
	case errors.As(err, &refused) && (p.own || p.status[status] == ""):
		return refused.Error()
	case errors.As(err, &list):
		return p.list(list)
	case errors.As(err, &invalid):
		return p.complaint(invalid)
	case errors.As(err, &role):
		return p.roleWords(role)
	case errors.Is(err, coop.ErrLastSteward):
		return p.steward
	case errors.Is(err, coop.ErrUntranslatable):
		return p.untranslatable
	case errors.Is(err, coop.ErrTranslator):
		return p.translator
	case errors.Is(err, coop.ErrState) && p.own:
		return err.Error()
	case errors.Is(err, coop.ErrState):
		return p.state
	}
	if words, ok := p.status[status]; ok {
		return words
	}
	return http.StatusText(status)
}

// roleWords names the roles that an act needs, as the API names them.
func (p *phrasing) roleWords(e *coop.RoleError) string {
	var names []string
	for _, r := range coop.RolesThatMay(e.Act) {
		names = append(names, string(r))
	}
	return fmt.Sprintf(p.role, strings.Join(names, ", "))
}

// verbatim is an error that programs know by its words, which are the same in every
// language.
type verbatim interface{ Verbatim() string }

// list is all complaints in one line.
func (p *phrasing) list(list coop.Invalid) string {
	lines := make([]string, len(list))
	for i, one := range list {
		lines[i] = p.complaint(one)
	}
	return strings.Join(lines, "; ")
}

// complaint names the field and the problem.
func (p *phrasing) complaint(e *coop.InvalidError) string { return e.Field + ": " + p.problem(e) }

// problem is what is wrong with a field: in English with its bounds, in other
// languages by its code.
func (p *phrasing) problem(e *coop.InvalidError) string {
	if p.own {
		return e.Problem
	}
	if e.Code == "not_possible" {
		return p.state
	}
	code := e.Code
	if ours, ok := signUpCodes[code]; ok {
		code = ours
	}
	if words, ok := p.codes[code]; ok {
		return words
	}
	return p.codes[""]
}

// signUpCodes are the codes by which clients know what is wrong with a sign-up, and
// what we call it.
var signUpCodes = map[string]string{
	"ERR_BLANK": coop.CodeRequired, "ERR_ACCEPTED": coop.CodeRequired, "ERR_TOO_SHORT": coop.CodeTooShort, "ERR_TOO_LONG": coop.CodeTooLong,
	"ERR_INVALID": coop.CodeFormat, "ERR_RESERVED": coop.CodeReserved, "ERR_TAKEN": coop.CodeTaken,
}
