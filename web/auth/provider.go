// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"minga/coop"
	"minga/federation"
)

// ProviderOptions say at which other provider people sign in (OpenID Connect Core).
type ProviderOptions struct {
	Client   *federation.Client // reaches the issuer
	Now      func() time.Time
	Issuer   string // https://…, as the provider writes it
	ID       string // the client's
	Secret   string // the client's; empty: PKCE alone
	Redirect string // the callback of this instance
	Name     string // as people know the provider
	Only     bool   // nobody signs in otherwise
	Accounts bool   // who is new gets an account
	Claim    string // which lists a person's groups; empty: none is read
	Ranks    map[string]coop.Rank
	Roles    map[string][]ProviderRole
}

// ProviderRole is a role that a group of the provider stands for.
type ProviderRole struct {
	Coop string // the name of a co-op here
	Role coop.Role
}

// Provider is another provider at which people sign in. Its methods are safe for
// concurrent use.
type Provider struct {
	ProviderOptions
	mu     sync.Mutex
	known  *oidc.Provider
	failed error
	until  time.Time // what is known, or failed, is asked for again
}

// NewProvider makes one. Nothing is asked of it before somebody signs in.
func NewProvider(o ProviderOptions) *Provider { return &Provider{ProviderOptions: o} }

// How long a provider's document is kept, and how long a failure.
const (
	providerKept   = time.Hour
	providerFailed = 10 * time.Second
	providerTime   = 15 * time.Second // for all that is asked while somebody waits
)

// Why somebody comes to a provider.
const (
	ProviderIn    = "in"    // to sign in
	ProviderLink  = "link"  // to bind their account to it
	ProviderProve = "prove" // to prove again who they are
)

// Trip is what is kept while a browser is at the provider.
type Trip struct {
	Why      string    `json:"why"`
	Next     string    `json:"next"` // an own path to go on to
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Session  coop.ID   `json:"session,omitempty"` // of link and prove
	Since    time.Time `json:"since"`
}

// Claims is what a provider vouches for.
type Claims struct {
	Issuer   string   `json:"issuer"`
	Subject  string   `json:"subject"`
	Name     string   `json:"name"`             // as the person calls themselves
	Login    string   `json:"login"`            // preferred_username
	Email    string   `json:"email"`            // only one that was verified
	Groups   []string `json:"groups,omitempty"` // of the claim that was named
	Strong   bool     `json:"strong"`           // by two factors (RFC 8176, mfa)
	ProvedAt int64    `json:"proved_at"`        // auth_time, seconds; 0: not said
}

// ErrProvider is said of an answer of a provider that proves nothing.
var ErrProvider = fmt.Errorf("the other provider did not vouch for anybody: %w", coop.ErrForbidden)

// discover reads the provider's document (OpenID Connect Discovery §4), seldom, and one
// request at a time. The document must name the issuer that was configured.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Now().Before(p.until) {
		return p.known, p.failed
	}
	found, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil && p.known == nil {
		p.failed, p.until = fmt.Errorf("provider %s: %w: %w", p.Issuer, coop.ErrUnavailable, err), p.Now().Add(providerFailed)
		return nil, p.failed
	}
	if err != nil {
		p.until = p.Now().Add(providerFailed) // what was known may still do
		return p.known, nil
	}
	p.known, p.failed, p.until = found, nil, p.Now().Add(providerKept)
	return p.known, nil
}

// reach lets the library ask through the guarded client, and not for long.
func (p *Provider) reach(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(oidc.ClientContext(ctx, p.Client.ForLibrary()), providerTime)
}

// client is this instance as the provider knows it.
func (p *Provider) client(known *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ID, ClientSecret: p.Secret, Endpoint: known.Endpoint(), RedirectURL: p.Redirect, Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// Leave begins a trip to the provider and gives the address to send the browser to:
// with PKCE (RFC 7636), a state that this browser alone can bring back, and a nonce.
func (g *Gate) Leave(c *gin.Context, p *Provider, why, next string) (string, error) {
	ctx, cancel := p.reach(c.Request.Context())
	defer cancel()
	known, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	nonce, _ := NewSecret()
	trip := Trip{Why: why, Next: next, Nonce: nonce, Verifier: oauth2.GenerateVerifier(), Since: g.Now()}
	account := coop.ID(0)
	if session := SessionOf(c); session != nil && why != ProviderIn {
		trip.Session, account = session.ID, session.AccountID
	}
	state, err := g.Begin(c, CeremonyProvider, account, trip, signInLife)
	if err != nil {
		return "", err
	}
	more := []oauth2.AuthCodeOption{oidc.Nonce(nonce), oauth2.S256ChallengeOption(trip.Verifier)}
	if why == ProviderProve {
		more = append(more, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return p.client(known).AuthCodeURL(state, more...), nil
}

// Return reads what a browser brings back from the provider. What this browser did not
// leave for gives [coop.ErrNotFound], what proves nothing [ErrProvider]; the trip is
// there wherever it was found.
func (p *Proofs) Return(c *gin.Context, from *Provider) (*Trip, *Claims, error) {
	var trip Trip
	if _, err := p.Finish(c, CeremonyProvider, c.Query("state"), &trip); err != nil {
		return nil, nil, err
	}
	if issuer := c.Query("iss"); issuer != "" && issuer != from.Issuer || c.Query("code") == "" || len(c.Query("code")) > 4000 {
		return &trip, nil, ErrProvider // RFC 9207, or an error of the provider
	}
	ctx, cancel := from.reach(c.Request.Context())
	defer cancel()
	claims, err := from.redeem(ctx, c.Query("code"), &trip)
	return &trip, claims, err
}

// redeem exchanges a code for the claims of a token of identity, and judges it (OpenID
// Connect Core §3.1.3.7): signature by a key of the provider, issuer, audience, time,
// nonce.
func (p *Provider) redeem(ctx context.Context, code string, trip *Trip) (*Claims, error) {
	known, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	tokens, err := p.client(known).Exchange(ctx, code, oauth2.VerifierOption(trip.Verifier))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProvider, err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := known.VerifierContext(ctx, &oidc.Config{ClientID: p.ID, Now: p.Now}).Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProvider, err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(trip.Nonce)) != 1 {
		return nil, fmt.Errorf("%w: another nonce", ErrProvider)
	}
	return p.claims(token)
}

// claims reads those that count.
func (p *Provider) claims(token *oidc.IDToken) (*Claims, error) {
	var said struct {
		Party    string   `json:"azp"`
		Name     string   `json:"name"`
		Login    string   `json:"preferred_username"`
		Email    string   `json:"email"`
		Verified any      `json:"email_verified"`
		Methods  []string `json:"amr"`
		ProvedAt float64  `json:"auth_time"`
	}
	if err := token.Claims(&said); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProvider, err)
	}
	if len(token.Audience) > 1 && said.Party != p.ID || said.Party != "" && said.Party != p.ID {
		return nil, fmt.Errorf("%w: meant for another client", ErrProvider)
	}
	if token.Subject == "" || len(token.Subject) > 255 {
		return nil, fmt.Errorf("%w: no subject", ErrProvider)
	}
	claims := &Claims{
		Issuer: token.Issuer, Subject: token.Subject, Name: coop.CleanLine(said.Name, 100), Login: coop.CleanLine(said.Login, 100),
		Strong: slices.Contains(said.Methods, "mfa"), ProvedAt: int64(said.ProvedAt),
	}
	if verified := said.Verified == true || said.Verified == "true"; verified && coop.ValidMail(said.Email) {
		claims.Email = said.Email
	}
	return claims, p.groups(token, claims)
}

// groups reads the claim that was named: a text, or a list of texts.
func (p *Provider) groups(token *oidc.IDToken, claims *Claims) error {
	if p.Claim == "" {
		return nil
	}
	all := map[string]any{}
	if err := token.Claims(&all); err != nil {
		return fmt.Errorf("%w: %w", ErrProvider, err)
	}
	switch v := all[p.Claim].(type) {
	case string:
		claims.Groups = []string{v}
	case []any:
		for _, one := range v[:min(len(v), 1000)] {
			if group, ok := one.(string); ok && p.stands(group) {
				claims.Groups = append(claims.Groups, group)
			}
		}
	}
	return nil
}

// stands tells whether a group stands for anything here.
func (p *Provider) stands(group string) bool {
	_, rank := p.Ranks[group]
	return rank || len(p.Roles[group]) > 0
}

// FreshlyProved tells whether the provider says that the person proved who they are on
// this trip, and not some time before.
func (t *Trip) FreshlyProved(claims *Claims) bool {
	return claims.ProvedAt != 0 && !time.Unix(claims.ProvedAt, 0).Before(t.Since.Add(-time.Minute))
}

// Unreachable tells whether a provider could not be asked at all.
func Unreachable(err error) bool {
	return errors.Is(err, coop.ErrUnavailable)
}
