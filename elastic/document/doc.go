// Package document says how Weir's data looks in Elasticsearch and OpenSearch: documents of ECS (Elastic Common Schema, 8.x) for flow
// records, sessions, alerts and their events, exporters and interfaces.
//
// Names and types are those of the registry of fields, so that what shared/filter asks for is there; what ECS wants beside them (event.kind,
// event.category, network.community_id, related.ip, ...) is added. Own names are below weir. [Fields] is the one table from which templates,
// the reference page and the tests are made.
//
// Documents are written with flat, dotted names. A server may give them back as nested objects, with lists sorted and numbers as texts
// (synthetic source): the Parse functions take both.
package document
