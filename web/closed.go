// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// closedRetry is when others are asked to come again.
const closedRetry = 30 * time.Second

// closedPage says in five languages why nothing can be read or written now. It holds no
// address of ours and needs no file, since there is nobody yet who could hand one out.
const closedPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="30">
<title>503</title>
<h1>minga</h1>
<p lang="es">Este servidor se está actualizando. No se pierde nada: volvé a intentarlo en unos minutos.</p>
<p lang="en">This server is being brought up to date. Nothing is lost: try again in a few minutes.</p>
<p lang="ca">Aquest servidor s’està actualitzant. No es perd res: torna-ho a provar d’aquí a uns minuts.</p>
<p lang="it">Questo server si sta aggiornando. Non si perde nulla: riprova tra qualche minuto.</p>
<p lang="pt">Este servidor está a ser atualizado. Nada se perde: tente de novo dentro de alguns minutos.</p>
</html>
`

// Closed answers in place of the doors while the database is brought to where this
// program needs it: 503 with Retry-After to everything, so that other servers send again
// what they sent and people are told why. /healthz is 200, since the process is up, and
// /readyz names what is missing.
func Closed() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		switch path := r.URL.Path; {
		case path == "/healthz" || path == "/health":
			closedJSON(w, http.StatusOK, map[string]any{"status": "up"})
		case path == "/readyz":
			closedJSON(w, http.StatusServiceUnavailable, map[string]any{
				"status": "not ready", "problems": map[string]string{"migrations": "the database is being brought up to date"},
			})
		case wantsPage(r):
			retryLater(h)
			h.Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(closedPage))
		default:
			retryLater(h)
			closedJSON(w, http.StatusServiceUnavailable, map[string]any{"error": "this server is being brought up to date; try again later"})
		}
	})
}

// retryLater says when to come again.
func retryLater(h http.Header) { h.Set("Retry-After", strconv.Itoa(int(closedRetry.Seconds()))) }

// wantsPage tells a browser from a program.
func wantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// closedJSON answers a program.
func closedJSON(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
