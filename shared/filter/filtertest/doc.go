// Package filtertest makes random filters and random records that fit together, and judges them by the plain meaning of the
// language. Back ends are held to it by property tests: for every random filter, predicate, SQL and other translations must
// select the records that [Match] does.
package filtertest
