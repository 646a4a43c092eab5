// Package conformance holds query engines to one meaning: [Run] puts the same random records and questions to an engine and to
// a reference in memory ([Reference]), and wants the same answers; [RunSessions] does so with sessions.
package conformance
