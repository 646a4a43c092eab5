// Package filter is the filter language: a subset of KQL over the canonical field names, parsed once into a tree ([Parse]) from
// which every back end is made: a predicate in memory ([Predicate]), SQL with parameters ([SQL]), the query DSL of Elasticsearch and
// OpenSearch ([Elastic]), Splunk's search language ([SPL]) and the text again, which Kibana reads ([Node.String]).
//
//	source.ip : 10.0.0.0/8 and destination.port : (22 or 3389) and not weir.destination.group : "servers"
//
// Meaning, the same in every back end: a comparison with a field that the record lacks is false, and its negation true; a
// field that holds a list matches when any of its values does; numbers, addresses and times compare as such, not as text.
package filter
