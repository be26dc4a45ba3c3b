// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/input"
	"minga/web/respond"
)

// signUpRoutes are how an app makes an account for somebody. The app's own token asks;
// what it gets has no rights before the address is confirmed.
func (f *Face) signUpRoutes() []auth.Route {
	app := func(method, path string, limit auth.Limit, h respond.Handler) auth.Route {
		r := f.write(method, path, "write:accounts", limit, h)
		r.Access = auth.App
		return r
	}
	check := f.own("/v1/emails/check_confirmation", "profile read:accounts", f.checkConfirmation)
	check.Access, check.Sees = auth.App, auth.SeesNobody
	return []auth.Route{
		app("POST", "/v1/accounts", auth.LimitSignUp, f.signUp),
		app("POST", "/v1/emails/confirmations", auth.LimitSignUp, f.resendConfirmation),
		check,
	}
}

// approves tells whether the staff decide about who asks for an account.
func (f *Face) approves() bool { return f.Registrations == coop.RegistrationsAsk }

// asksStaff tells clients that nobody gets an account without the staff: where they decide
// about who asks, and where only they make accounts.
func (f *Face) asksStaff() bool { return f.approves() || f.Registrations == coop.RegistrationsClosed }

// registrations are what clients are told about making an account.
func (f *Face) registrations() gin.H {
	open := f.Registrations.Open()
	var page any
	if open {
		page = f.base() + "/sign-up"
	}
	return gin.H{
		"enabled": open, "approval_required": f.asksStaff(), "reason_required": f.approves(),
		"message": nil, "min_age": nil, "url": page,
	}
}

// signUp answers POST /api/v1/accounts: a token that has no rights until the address is
// confirmed and, where the staff decide, approved. An address that has an account here
// gets the same answer by the same work; only the mail tells.
func (f *Face) signUp(c *gin.Context) error {
	ctx, app := c.Request.Context(), auth.TokenOf(c)
	if !f.Registrations.Open() || auth.Account(c) != nil || app.AppID == 0 {
		return fmt.Errorf("sign-up: %w", coop.ErrForbidden)
	}
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	wish, password := &coop.SignUp{
		Name: strings.ToLower(v.Text("username")), Email: strings.TrimSpace(v.Text("email")), Language: f.interfaceLanguage(v.Text("locale")), Reason: coop.CleanText(v.Text("reason"), 10*coop.MaxSignUpReason),
	}, v.Text("password")
	if err := f.checkSignUp(c, v, wish, password); err != nil {
		return err
	}
	if err := f.Admit(auth.LimitMail, "sign-up "+coop.Fold(wish.Email)); err != nil {
		return err
	}
	if wish.Password, err = f.Passwords.Hash(ctx, password); err != nil {
		return err
	}
	text, hash := auth.NewSecret()
	token := &coop.Token{Hash: hash, AppID: app.AppID, App: app.App, Scopes: app.Scopes}
	if err := f.Outbox.SignUp(ctx, wish, token, f.Registrations == coop.RegistrationsOpen); err != nil {
		return signUpFault(err)
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"access_token": text, "token_type": "Bearer", "scope": strings.Join(token.Scopes, " "), "created_at": token.CreatedAt.Unix()})
	return nil
}

// interfaceLanguage is one that mails and pages are written in.
func (f *Face) interfaceLanguage(locale string) string {
	primary, _, _ := strings.Cut(strings.ToLower(locale), "-")
	if slices.Contains(languages, primary) {
		return primary
	}
	return ""
}

// checkSignUp says all that is wrong with a sign-up at once.
func (f *Face) checkSignUp(c *gin.Context, v input.Values, wish *coop.SignUp, password string) error {
	agrees := v.On("agreement")
	if err := v.Err(); err != nil {
		return err
	}
	var wrong coop.Invalid
	if err := f.Outbox.CheckSignUp(c.Request.Context(), wish, password); err != nil && !errors.As(err, &wrong) {
		return err
	}
	if f.approves() && wish.Reason == "" {
		wrong = append(wrong, &coop.InvalidError{Field: "reason", Code: coop.CodeRequired, Problem: "those who decide need a few words"})
	}
	if !agrees {
		wrong = append(wrong, &coop.InvalidError{Field: "agreement", Code: codeAgreement, Problem: "the rules must be accepted"})
	}
	return signUpFault(wrong.Or())
}

// codeAgreement is said of rules that were not accepted.
const codeAgreement = "accepted"

// clientCodes are the codes by which clients know what is wrong with a sign-up.
var clientCodes = map[string]string{
	coop.CodeRequired: "ERR_BLANK", coop.CodeTooShort: "ERR_TOO_SHORT", coop.CodeTooLong: "ERR_TOO_LONG", coop.CodeReserved: "ERR_RESERVED",
	coop.CodeTaken: "ERR_TAKEN", codeAgreement: "ERR_ACCEPTED",
}

// signUpFault gives complaints about a sign-up the names and codes that clients know.
func signUpFault(err error) error {
	list := coop.Complaints(err)
	if list == nil {
		return err
	}
	told := make(coop.Invalid, len(list))
	for i, complaint := range list {
		field, code := complaint.Field, clientCodes[complaint.Code]
		if field == "name" {
			field = "username"
		}
		if code == "" {
			code = "ERR_INVALID"
		}
		told[i] = &coop.InvalidError{Field: field, Code: code, Problem: complaint.Problem}
	}
	return told
}

// errConfirmed is said of an address that waits for nothing, in words that clients know.
var errConfirmed error = &refused{"This method is only available while the e-mail is awaiting confirmation"}

// refused is a 403 with words of its own.
type refused struct{ words string }

// Error implements error.
func (r *refused) Error() string { return r.words }

// Verbatim are its words, the same in every language.
func (r *refused) Verbatim() string { return r.words }

// Status is 403.
func (*refused) Status() int { return http.StatusForbidden }

// Unwrap names the kind.
func (*refused) Unwrap() error { return coop.ErrForbidden }

// wish is the sign-up of the token; [errConfirmed] where there is none.
func (f *Face) wish(c *gin.Context) (*coop.SignUp, error) {
	s, err := f.Store.SignUpByToken(c.Request.Context(), auth.TokenOf(c).ID)
	if errors.Is(err, coop.ErrNotFound) {
		return nil, errConfirmed
	}
	return s, err
}

// resendConfirmation answers POST /api/v1/emails/confirmations: the mail once more, to
// another address where one is sent.
func (f *Face) resendConfirmation(c *gin.Context) error {
	wish, err := f.wish(c)
	if err != nil {
		return err
	}
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	email := strings.TrimSpace(v.Text("email"))
	if err := v.Err(); err != nil {
		return err
	}
	if !wish.ConfirmedAt.IsZero() {
		return errConfirmed
	}
	to := email
	if to == "" {
		to = wish.Email
	}
	if err := f.Admit(auth.LimitMail, "sign-up "+coop.Fold(to)); err != nil {
		return err
	}
	if err := f.Outbox.ResendSignUp(c.Request.Context(), wish, email); err != nil {
		return signUpFault(err)
	}
	return emptyObject(c)
}

// checkConfirmation answers GET /api/v1/emails/check_confirmation: whether the address
// behind a token is confirmed.
func (f *Face) checkConfirmation(c *gin.Context) error {
	if auth.Account(c) != nil {
		c.JSON(http.StatusOK, true)
		return nil
	}
	wish, err := f.wish(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, !wish.ConfirmedAt.IsZero())
	return nil
}
