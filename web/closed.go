// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// closedRetry is when others are asked to come again.
const closedRetry = 30 * time.Second

// noticePage is a page that stands by itself: one sentence in five languages, with no
// address of ours and no file, since there is nobody who could hand one out. again is in how
// many seconds the browser asks once more; 0: people do that themselves.
func noticePage(again int, es, en, ca, it, pt string) string {
	refresh := ""
	if again > 0 {
		refresh = fmt.Sprintf("\n<meta http-equiv=\"refresh\" content=\"%d\">", again)
	}
	return fmt.Sprintf(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">%s
<title>503</title>
<h1>minga</h1>
<p lang="es">%s</p>
<p lang="en">%s</p>
<p lang="ca">%s</p>
<p lang="it">%s</p>
<p lang="pt">%s</p>
</html>
`, refresh, es, en, ca, it, pt)
}

// closedPage says why nothing can be read or written now.
var closedPage = noticePage(
	30,
	"Este servidor se está actualizando. No se pierde nada: vuelve a intentarlo en unos minutos.",
	"This server is being brought up to date. Nothing is lost: try again in a few minutes.",
	"Aquest servidor s’està actualitzant. No es perd res: torna-ho a provar d’aquí a uns minuts.",
	"Questo server si sta aggiornando. Non si perde nulla: riprova tra qualche minuto.",
	"Este servidor está a ser atualizado. Nada se perde: tente de novo dentro de alguns minutos.",
)

// crowdedPage says that more is asked at once than can be answered. It does not load itself
// again: a form that was sent must not be sent twice unasked.
var crowdedPage = noticePage(
	0,
	"Hay demasiadas visitas al mismo tiempo y esta no pudo ser atendida. No se guardó nada: vuelve a intentarlo en unos segundos.",
	"Too many people are asking at the same time, and this could not be answered. Nothing was saved: try again in a few seconds.",
	"Hi ha massa visites alhora i aquesta no s’ha pogut atendre. No s’ha desat res: torna-ho a provar d’aquí a uns segons.",
	"Troppe visite nello stesso istante: a questa non si è potuto rispondere. Non è stato salvato nulla: riprova tra qualche secondo.",
	"Há visitas demais ao mesmo tempo e esta não pôde ser atendida. Nada foi guardado: tente de novo em alguns segundos.",
)

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
