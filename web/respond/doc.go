// SPDX-License-Identifier: AGPL-3.0-or-later

// Package respond answers for all faces: it alone turns an error into a status
// code, a body and a log line. Handlers return errors and write nothing else.
package respond
