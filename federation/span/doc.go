// SPDX-License-Identifier: AGPL-3.0-or-later

// Package span names what is traced, and begins spans of OpenTelemetry where somebody
// records them. Names and attributes are those of Fedify, so that one board shows servers
// of different software; HTTP and databases follow OpenTelemetry's own conventions.
//
// A span says what was done, with which host and how it ended: never who did it, on what,
// or with which words. Ids of activities, addresses of people, paths, queries and texts of
// errors are no attributes, because whoever keeps traces may be somebody else.
//
// Nothing is taken from or told to other servers (W3C traceparent): a stranger's header
// would decide what is recorded here, and ours would tell strangers which requests belong
// together.
package span
